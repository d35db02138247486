"""Writes `minilm.onnx`: the body of all-MiniLM-L6-v2 as a graph without weights.

`python -m rag.minilm_graph` makes the same bytes again; it needs the `onnx` package, which a
running Fonds does not. The operators are onnxruntime's fused ones for BERT, so no optimiser
has to run at load. Weights are named, not held: `rag.minilm` gives them at load, from the
bundled safetensors file.

Not here: tokenizing, the embedding rows, pooling.
"""

from __future__ import annotations

from pathlib import Path

from onnx import NodeProto, TensorProto, helper

GRAPH = Path(__file__).with_name("minilm.onnx")
LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
EPSILON = 1e-12
_FUSED = "com.microsoft"


def build() -> bytes:
    """The graph: `rows` float32 [texts, pieces, 384] and `lengths` int32 [texts] → `hidden`.

    `rows` are the sums of word, position and type rows; pieces beyond a text's length are
    padding and are not attended to.
    """
    weights: dict[str, list[int]] = {}
    nodes: list[NodeProto] = []

    def weight(name: str, *shape: int) -> str:
        weights[name] = list(shape)
        return name

    def norm(name: str) -> list[str]:
        return [weight(f"{name}.weight", WIDTH), weight(f"{name}.bias", WIDTH)]

    first = norm("embeddings.LayerNorm")
    nodes.append(
        helper.make_node("LayerNormalization", ["rows", *first], ["state.0"], epsilon=EPSILON)
    )
    for n in range(LAYERS):
        layer = f"encoder.layer.{n}"
        state, out = f"state.{n}", f"state.{n + 1}" if n + 1 < LAYERS else "hidden"
        attention = [weight(f"{layer}.qkv.weight", WIDTH, 3 * WIDTH), f"{layer}.qkv.bias"]
        weight(f"{layer}.qkv.bias", 3 * WIDTH)
        dense = weight(f"{layer}.attention.output.dense.weight", WIDTH, WIDTH)
        inner = weight(f"{layer}.intermediate.dense.weight", WIDTH, INNER)
        outer = weight(f"{layer}.output.dense.weight", INNER, WIDTH)
        attended = norm(f"{layer}.attention.output.LayerNorm")
        finished = norm(f"{layer}.output.LayerNorm")
        nodes += [
            helper.make_node(
                "Attention",
                [state, *attention, "lengths"],
                [f"attended.{n}"],
                domain=_FUSED,
                num_heads=HEADS,
            ),
            helper.make_node("MatMul", [f"attended.{n}", dense], [f"dense.{n}"]),
            helper.make_node(
                "SkipLayerNormalization",
                [
                    *(f"dense.{n}", state, *attended),
                    weight(f"{layer}.attention.output.dense.bias", WIDTH),
                ],
                [f"middle.{n}"],
                domain=_FUSED,
                epsilon=EPSILON,
            ),
            helper.make_node("MatMul", [f"middle.{n}", inner], [f"inner.{n}"]),
            helper.make_node(
                "BiasGelu",
                [f"inner.{n}", weight(f"{layer}.intermediate.dense.bias", INNER)],
                [f"gelu.{n}"],
                domain=_FUSED,
            ),
            helper.make_node("MatMul", [f"gelu.{n}", outer], [f"outer.{n}"]),
            helper.make_node(
                "SkipLayerNormalization",
                [
                    *(f"outer.{n}", f"middle.{n}", *finished),
                    weight(f"{layer}.output.dense.bias", WIDTH),
                ],
                [out],
                domain=_FUSED,
                epsilon=EPSILON,
            ),
        ]
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["texts", "pieces", WIDTH])
    lengths = helper.make_tensor_value_info("lengths", TensorProto.INT32, ["texts"])
    hidden = helper.make_tensor_value_info("hidden", TensorProto.FLOAT, ["texts", "pieces", WIDTH])
    graph = helper.make_graph(
        nodes, "minilm", [rows, lengths], [hidden], [_named(*item) for item in weights.items()]
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(_FUSED, 1)],
        producer_name="fonds",
        ir_version=8,
    )
    return bytes(model.SerializeToString(deterministic=True))


def _named(name: str, shape: list[int]) -> TensorProto:
    """A weight whose values are given at load."""
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="given at load")
    return tensor


if __name__ == "__main__":
    GRAPH.write_bytes(build())
