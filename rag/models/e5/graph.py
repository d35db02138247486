"""Writes `e5.onnx`: multilingual-e5-small with int8 products, as a graph without weights.

`python -m rag.models.e5.graph` writes the same bytes each time; it needs the `onnx` package, which
Fonds itself does not need. The graph is not optimized at load: attention is already onnxruntime's
fused operator, and sum and norm stay separate because the fused operator (SkipLayerNormalization)
takes four times as long. The graph only names the weights; `int8` makes them.

`states` gives the same graph with float32 products, to fit the int8 ones.

Not here: tokenization, embedding rows, pooling.
"""

from __future__ import annotations

from typing import Any

from onnx import NodeProto, TensorProto, helper

from rag.models.e5.body import GRAPH
from rag.models.e5.weights import Sizes

SIZES = Sizes(384, 12, 12, 1536, 250037, 512, 2, 1e-12)
WIDTH, INNER = SIZES.width, SIZES.inner
FLOAT32_CHANNELS = 32
"""Channels of the inner state that are not rounded to int8, because their range is too large."""

_FUSED = "com.microsoft"
_OPSETS = [helper.make_opsetid("", 20), helper.make_opsetid(_FUSED, 1)]


class _Body:
    """The nodes of a graph and the names of its weights."""

    def __init__(self, int8: bool) -> None:
        self.int8 = int8
        self.nodes: list[NodeProto] = []
        self.weights: dict[str, TensorProto] = {}

    def weight(self, name: str, *shape: int, kind: int = TensorProto.FLOAT) -> str:
        """Declares a weight whose values are supplied at load; returns its name."""
        tensor = TensorProto(name=name, data_type=kind, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="given at load")
        self.weights[name] = tensor
        return name

    def node(self, operator: str, inputs: list[str], out: str, **options: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [out], **options))
        return out

    def norm(self, x: str, name: str, out: str) -> str:
        parts = [self.weight(f"{name}.weight", WIDTH), self.weight(f"{name}.bias", WIDTH)]
        return self.node("LayerNormalization", [x, *parts], out, epsilon=SIZES.epsilon)

    def rounded(self, x: str, width: int) -> list[str]:
        """x quantized to 8 bits, with the names of its scale and zero point."""
        scaled = self.node("Mul", [x, self.weight(f"{x}.factor", width)], f"{x}.scaled")
        how = [self.weight(f"{x}.step"), self.weight(f"{x}.zero", kind=TensorProto.UINT8)]
        return [self.node("QuantizeLinear", [scaled, *how], f"{x}.rounded"), *how]

    def int8_weight(self, name: str, inputs: int, outputs: int) -> list[str]:
        rounded = self.weight(f"{name}.rounded", inputs, outputs, kind=TensorProto.INT8)
        return [rounded, self.weight(f"{name}.step", outputs)]

    def attention(self, x: str, layer: str, out: str) -> str:
        name, bias = f"{layer}.qkv", self.weight(f"{layer}.qkv.bias", 3 * WIDTH)
        if self.int8:
            state, step, zero = self.rounded(x, WIDTH)
            weight, steps = self.int8_weight(name, WIDTH, 3 * WIDTH)
            operator, inputs = "QAttention", [state, weight, bias, step, steps, "lengths", zero]
        else:
            weight = self.weight(f"{name}.weight", WIDTH, 3 * WIDTH)
            operator, inputs = "Attention", [x, weight, bias, "lengths"]
        return self.node(operator, inputs, out, domain=_FUSED, num_heads=SIZES.heads)

    def product(
        self, x: str, name: str, inputs: int, outputs: int, out: str, apart: int = 0
    ) -> str:
        """x times a matrix plus bias; with int8, `apart` channels are computed in float32."""
        bias = self.weight(f"{name}.bias", outputs)
        if not self.int8:
            weight = self.weight(f"{name}.weight", inputs, outputs)
            return self.node("Add", [self.node("MatMul", [x, weight], f"{out}.only"), bias], out)
        state, step, zero = self.rounded(x, inputs)
        weight, steps = self.int8_weight(name, inputs, outputs)
        parts = [state, weight, step, steps, zero, "", bias]
        most = out if not apart else f"{out}.most"
        self.node("MatMulIntegerToFloat", parts, most, domain=_FUSED)
        if not apart:
            return out
        which = self.weight(f"{x}.apart", apart, kind=TensorProto.INT64)
        own = self.node("Gather", [x, which], f"{out}.channels", axis=-1)
        rest = self.node(
            "MatMul", [own, self.weight(f"{name}.apart", apart, outputs)], f"{out}.rest"
        )
        return self.node("Add", [most, rest], out)


def build() -> bytes:
    """The serialized graph.

    Inputs: `rows`, float32 (texts, pieces, 384), sums of word, position and type embeddings, and
    `lengths`, int32 (texts,); pieces beyond a text's length are padding and are masked. Output:
    `hidden`, float32 of the shape of `rows`.
    """
    return _model(_body(int8=True), ["hidden"])


def _body(int8: bool) -> _Body:
    body = _Body(int8)
    state = body.norm("rows", "embeddings.LayerNorm", "state.0")
    for n in range(SIZES.layers):
        layer = f"encoder.layer.{n}"
        attended = body.attention(state, layer, f"attended.{n}")
        dense = body.product(
            attended, f"{layer}.attention.output.dense", WIDTH, WIDTH, f"dense.{n}"
        )
        added = body.node("Add", [dense, state], f"added.{n}")
        middle = body.norm(added, f"{layer}.attention.output.LayerNorm", f"middle.{n}")
        inner = body.product(middle, f"{layer}.intermediate.dense", WIDTH, INNER, f"inner.{n}")
        active = body.node("Gelu", [inner], f"active.{n}")
        outer = body.product(
            active, f"{layer}.output.dense", INNER, WIDTH, f"outer.{n}", FLOAT32_CHANNELS
        )
        summed = body.node("Add", [outer, middle], f"summed.{n}")
        out = f"state.{n + 1}" if n + 1 < SIZES.layers else "hidden"
        state = body.norm(summed, f"{layer}.output.LayerNorm", out)
    return body


def _model(body: _Body, outputs: list[str]) -> bytes:
    """A serialized model with these tensors of the body as outputs."""
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["texts", "pieces", WIDTH])
    lengths = helper.make_tensor_value_info("lengths", TensorProto.INT32, ["texts"])
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    graph = helper.make_graph(body.nodes, "e5", [rows, lengths], given, list(body.weights.values()))
    made = helper.make_model(graph, opset_imports=_OPSETS, producer_name="fonds", ir_version=9)
    return bytes(made.SerializeToString(deterministic=True))


def states(outputs: list[str]) -> bytes:
    """The float32 graph with these tensors as outputs, for `eval.training.int8`."""
    return _model(_body(int8=False), outputs)


if __name__ == "__main__":
    GRAPH.write_bytes(build())
