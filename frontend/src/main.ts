import "./page/base.css";
import "./page/stage.css";
import "./page/composer.css";
import "./page/panels.css";
import { App } from "./page/app";
import { readConfig } from "./page/config";

new App(readConfig()).open();
