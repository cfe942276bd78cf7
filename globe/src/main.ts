// Entry point of closedsky's globe.
import "./style.css";
import { api } from "./api";
import { App } from "./app";
import { done } from "./busy";
import { el } from "./dom";

async function start(): Promise<void> {
  const root = document.getElementById("app")!;
  try {
    const [about, lines] = await Promise.all([api.about(), api.lines()]);
    new App(root, about, lines);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    root.replaceChildren(
      el("div", { class: "fault lonely", role: "alert" }, el("strong", {}, "The globe could not start."), el("p", {}, what), el("p", {}, "Is ", el("code", {}, "closedsky serve"), " still running? Then reload this page.")),
    );
    throw error;
  } finally {
    done("start");
  }
}

void start();
