// PostGraphile over the tables as they are, in its settings for production: serve.mjs DATABASE_URL. It prints its
// address once it serves.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const server = createServer();
const service = makePgService({ connectionString: process.argv[2], schemas: ["public"] });
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [service],
  grafast: { explain: false },
  grafserv: { watch: false, graphiql: false },
});
await instance.createServ(grafserv).addTo(server);
server.listen(0, "127.0.0.1", () => console.log(`address=127.0.0.1:${server.address().port}`));
