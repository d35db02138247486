"""Writes `minilm.onnx` and `minilm_int8.onnx`: all-MiniLM-L6-v2 as graphs without weights.

`python -m rag.models.minilm_graph` writes the same bytes each time; it needs the `onnx` package,
which Fonds itself does not need. The graphs are not optimized at load: attention is already
onnxruntime's fused operator, and sum and norm stay separate because the fused operator
(SkipLayerNormalization) takes four times as long. The graphs only name the weights; `minilm`
supplies them at load.

In the second graph all products with weights are int8 (see `minilm_int8`).

Not here: tokenization, embedding rows, pooling.
"""

from __future__ import annotations

from typing import Any

from onnx import NodeProto, TensorProto, helper

from rag.models.minilm import GRAPH, INT8_GRAPH

LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
FLOAT32_CHANNELS = 32
"""Channels of the inner state that are not rounded to int8, because their range is too large."""

EPSILON = 1e-12
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
        return self.node("LayerNormalization", [x, *parts], out, epsilon=EPSILON)

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
        return self.node(operator, inputs, out, domain=_FUSED, num_heads=HEADS)

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


def build(int8: bool = False) -> bytes:
    """The serialized graph.

    Inputs: `rows`, float32 (texts, pieces, 384), sums of word, position and type embeddings, and
    `lengths`, int32 (texts,); pieces beyond a text's length are padding and are masked. Output:
    `hidden`, float32 of the shape of `rows`. The int8 graph has a second output `probe`, int32
    (4, 16): each value is 64 · 255 · 127 on a processor that adds int8 products without saturating.
    """
    return _model(_body(int8), ["hidden", *(["probe"] if int8 else [])])


def _body(int8: bool) -> _Body:
    body = _Body(int8)
    state = body.norm("rows", "embeddings.LayerNorm", "state.0")
    for n in range(LAYERS):
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
        out = f"state.{n + 1}" if n + 1 < LAYERS else "hidden"
        state = body.norm(summed, f"{layer}.output.LayerNorm", out)
    if int8:
        largest = [
            body.weight("probe.left", 4, 64, kind=TensorProto.UINT8),
            body.weight("probe.right", 64, 16, kind=TensorProto.INT8),
        ]
        body.node("MatMulInteger", largest, "probe")
    return body


def _model(body: _Body, outputs: list[str]) -> bytes:
    """A serialized model with these tensors of the body as outputs."""
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["texts", "pieces", WIDTH])
    lengths = helper.make_tensor_value_info("lengths", TensorProto.INT32, ["texts"])
    kinds = {"probe": TensorProto.INT32}
    given = [
        helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), None)
        for name in outputs
    ]
    graph = helper.make_graph(
        body.nodes, "minilm", [rows, lengths], given, list(body.weights.values())
    )
    made = helper.make_model(graph, opset_imports=_OPSETS, producer_name="fonds", ir_version=9)
    return bytes(made.SerializeToString(deterministic=True))


def states(outputs: list[str]) -> bytes:
    """The float32 graph with these tensors as outputs, for `eval.training.int8`."""
    return _model(_body(int8=False), outputs)


if __name__ == "__main__":
    GRAPH.write_bytes(build())
    INT8_GRAPH.write_bytes(build(int8=True))
