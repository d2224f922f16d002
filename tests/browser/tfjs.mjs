// Runs a layers model in TensorFlow.js: `node tfjs.mjs FOLDER`, which has model.json, shards and inputs.json; prints
// the outputs as JSON, and saves the model as TensorFlow.js writes it, in FOLDER/again.
import fs from "node:fs";
import path from "node:path";
import * as tf from "@tensorflow/tfjs";

const folder = process.argv[2];
await tf.setBackend("cpu");

const handler = {
  load: async () => {
    const index = JSON.parse(fs.readFileSync(path.join(folder, "model.json"), "utf8"));
    const files = index.weightsManifest.flatMap((group) => group.paths);
    const bytes = Buffer.concat(files.map((name) => fs.readFileSync(path.join(folder, name))));
    return {
      modelTopology: index.modelTopology,
      weightSpecs: index.weightsManifest.flatMap((group) => group.weights),
      weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
      format: index.format,
    };
  },
};

const model = await tf.loadLayersModel(handler);
const given = JSON.parse(fs.readFileSync(path.join(folder, "inputs.json"), "utf8"));
const inputs = given.map((x) => tf.tensor(x.values, x.shape, x.dtype));
const results = [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat();
await model.save({
  save: async (artifacts) => {
    const again = path.join(folder, "again");
    fs.mkdirSync(again, { recursive: true });
    fs.writeFileSync(path.join(again, "weights.bin"), Buffer.from(artifacts.weightData));
    fs.writeFileSync(
      path.join(again, "model.json"),
      JSON.stringify({
        format: artifacts.format,
        modelTopology: artifacts.modelTopology,
        weightsManifest: [{ paths: ["weights.bin"], weights: artifacts.weightSpecs }],
      }),
    );
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
  },
});
console.log("RESULTS " + JSON.stringify(results.map((r) => ({ shape: r.shape, values: Array.from(r.dataSync()) }))));
