// What the server tells the page, in <script type="application/json" id="config">.

export interface Config {
  /** Path of the socket. */
  readonly socket: string;
  /** What the avatar is called. */
  readonly name: string;
  /** BCP 47 tag that the server would choose. */
  readonly language: string;
  /** Where the looks lie, with a slash at the end. */
  readonly avatar: string;
}

const DEFAULTS: Config = { socket: "/ws", name: "Visavis", language: "en-US", avatar: "/static/avatar/" };

export function readConfig(): Config {
  const text = document.getElementById("config")?.textContent;
  return { ...DEFAULTS, ...(text ? (JSON.parse(text) as Partial<Config>) : {}) };
}

/** The socket's address for this page: wss where the page came over https. */
export function socketUrl(config: Config, page: Location): string {
  const url = new URL(config.socket, page.href);
  url.protocol = page.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
