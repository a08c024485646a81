import "./page/base.css";
import "./page/stage.css";
import "./page/composer.css";
import "./page/panels.css";
import { App } from "./page/app";
import { readConfig } from "./page/config";

const app = new App(readConfig());
if (new URLSearchParams(location.search).has("debug")) {
  void import("./page/debug").then(({ expose }) => expose(app));
}
void app.open();
