// The page: the bar on which one signs in, and GraphiQL below it.
import { connect } from "./connection.js";
import { consoleSession, demoSession, pastedSession } from "./session.js";

const { endpoint, tokenUrl } = document.body.dataset;
const defaultQuery = document.querySelector("#default-query").content.textContent;
const statusLine = document.querySelector("#status");
const root = ReactDOM.createRoot(document.querySelector("#graphiql"));

// GraphiQL's menus add a style element of their own; this is where they look for the nonce that allows it.
globalThis.__webpack_nonce__ = document.querySelector("meta[name=style-nonce]").content;

// GraphiQL keeps tabs, variables and its history here instead of in the browser's storage, so that a change of person
// keeps what was typed and nothing outlives the page.
const storage = memoryStorage();

let connection = null;
let generation = 0;

// show starts GraphiQL anew for a session: the schema is fetched again, and no result of the person before stays on view.
function show(session, signedIn) {
  connection?.dispose();
  connection = connect(endpoint, session);
  generation += 1;
  root.render(React.createElement(GraphiQL, {
    key: generation,
    fetcher: connection.fetcher,
    defaultQuery,
    storage,
    shouldPersistHeaders: false,
    isHeadersEditorEnabled: false,
  }, React.createElement(GraphiQL.Logo, null, "qm-compliance", signedIn && React.createElement(FirstRun))));
}

// FirstRun runs the query that the page starts with, so that there is something to see; never one that somebody has typed.
function FirstRun() {
  const { run } = GraphiQL.React.useExecutionContext({ nonNull: true });
  const { queryEditor } = GraphiQL.React.useEditorContext({ nonNull: true });
  const { schema } = GraphiQL.React.useSchemaStore();
  const ran = React.useRef(false);
  React.useEffect(() => {
    if (ran.current || !schema || queryEditor?.getValue() !== defaultQuery) return;
    ran.current = true;
    run();
  }, [schema, queryEditor, run]);
  return null;
}

// signIn gets the session's first token and says how that went, unless another sign-in has begun meanwhile.
async function signIn(session, succeeded) {
  show(session, true);
  const mine = generation;
  const report = (text, failed) => { if (mine === generation) setStatus(text, failed); };
  try {
    await session.authorization();
    report(succeeded(session));
  } catch (error) {
    report(error.message, true);
  }
}

function setStatus(text, failed = false) {
  statusLine.textContent = text;
  statusLine.classList.toggle("failed", failed);
}

// The demo: a person is picked; the address remembers whom (?as=KEY), so that a reload keeps the choice.
function offerPeople(select) {
  const pick = () => {
    const address = new URL(location.href);
    address.searchParams.set("as", select.value);
    history.replaceState(null, "", address);
    setStatus("");
    signIn(demoSession(tokenUrl, select.value), () => "");
  };
  select.value = new URLSearchParams(location.search).get("as") ?? "";
  if (select.selectedIndex < 0) select.selectedIndex = 0;
  select.form.addEventListener("submit", (event) => event.preventDefault());
  select.addEventListener("change", pick);
  pick();
}

// Anywhere else: an access token is pasted, and the field emptied at once.
function offerPaste(form) {
  const field = form.querySelector("#token"); // it has no name, so that no form can send it
  const signOut = form.querySelector("#sign-out");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const token = field.value.trim().replace(/^Bearer\s+/i, "");
    field.value = "";
    signOut.hidden = false;
    signIn(pastedSession(token), until);
  });
  form.addEventListener("reset", () => {
    signOut.hidden = true;
    setStatus("Not signed in.");
    show(pastedSession(""), false);
  });
  form.reset();
}

function until({ expiry }) {
  if (expiry === null) return "Token in use.";
  return `Token in use; it ${expiry < new Date() ? "expired" : "expires"} at ${expiry.toLocaleTimeString()}.`;
}

function memoryStorage() {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => { items.set(key, value); },
    removeItem: (key) => { items.delete(key); },
    clear: () => { items.clear(); },
    get length() { return items.size; },
  };
}

// takeOver goes on as whoever is signed in to the console that opened this page.
function takeOver({ session, name }) {
  document.querySelector("#people, #paste").remove();
  signIn(session, () => `Signed in as ${name}, through the console.`);
}

function offerSignIn() {
  const select = document.querySelector("#person");
  if (select) offerPeople(select);
  else offerPaste(document.querySelector("#paste"));
}

const fromConsole = opener && await consoleSession();
if (fromConsole) takeOver(fromConsole);
else offerSignIn();
