// Uploads files with tus-js-client; told by JSON in its argument, tells by JSON lines what happens.
import fs from "node:fs";
import * as tus from "tus-js-client";

const told = JSON.parse(process.argv[2]);
const tell = (event, more = {}) => process.stdout.write(JSON.stringify({ event, file: more.file, ...more }) + "\n");

function send(one) {
  return new Promise((resolve) => {
    const upload = new tus.Upload(fs.createReadStream(one.file), {
      endpoint: told.endpoint,
      headers: { Authorization: `Bearer ${told.key}` },
      storeFingerprintForResuming: false,
      retryDelays: told.retryDelays ?? [],
      chunkSize: told.chunkSize ?? Infinity,
      metadata: one.metadata ?? {},
      uploadUrl: one.uploadUrl ?? null,
      uploadDataDuringCreation: told.uploadDataDuringCreation ?? false,
      overridePatchMethod: told.overridePatchMethod ?? false,
      onUploadUrlAvailable: () => tell("url", { url: upload.url }),
      onProgress: (sent) => tell("progress", { sent }),
      onAfterResponse: (request, response) =>
        tell("answer", { method: request.getMethod(), status: response.getStatus() }),
      onError: (error) => {
        const response = error.originalResponse;
        tell("error", { status: response?.getStatus() ?? 0, body: response?.getBody() ?? String(error) });
        resolve();
      },
      onSuccess: ({ lastResponse }) => {
        const header = (name) => lastResponse?.getHeader(name);
        tell("done", { url: upload.url, id: header("TotalView-Call-Id"), duplicate: header("TotalView-Duplicate") });
        resolve();
      },
    });
    if (told.terminate) {
      upload.options.onProgress = (sent) => sent > 0 && upload.abort(true).then(() => (tell("terminated"), resolve()));
    }
    upload.start();
  });
}

await Promise.all(told.uploads.map(send));
