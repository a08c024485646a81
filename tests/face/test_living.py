"""The living face in a browser: frames, fall-backs, loss of the graphics card, own avatars, and leaving no trace."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.face.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LIVE = "live&size=160"


def frames(page: Page) -> int:
    return int(page.evaluate("host.visavis().frames"))


def wait_frames(page: Page, more: int = 3) -> None:
    page.wait_for_function(f"host.visavis().frames >= {frames(page) + more}", timeout=60_000)


def test_weights_are_those_of_the_moment_that_is_heard(visit: Visit) -> None:
    page = visit(LIVE)
    page.evaluate("speak(() => ({cues: [{start: 0, shape: 'D'}], until: 5, t: 2.5, loudness: 1}))")
    page.wait_for_function("host.visavis().t === 2.5")
    wait_frames(page, 8)
    probe = page.evaluate("host.visavis()")
    assert probe["kind"] == "3d"
    assert probe["weights"]["viseme_aa"] > 0.95
    page.evaluate("speak(() => null)")
    page.wait_for_function("Number.isNaN(host.visavis().t) && host.visavis().weights.viseme_aa < 0.05", timeout=60_000)


def test_a_drawing_stands_in_until_a_slow_model_is_there(visit: Visit) -> None:
    slow = """
        const get = globalThis.fetch;
        globalThis.fetch = async (what, ...rest) => {
            if (!String(what.url ?? what).endsWith(".glb")) return get(what, ...rest);
            await new Promise((done) => setTimeout(done, 1200));
            const face = document.getElementById("host");
            globalThis.meanwhile = [face.visavis().kind, face.childElementCount];
            return get(what, ...rest);
        };"""
    page = visit(LIVE, before=slow)
    assert page.evaluate("meanwhile") == ["2d", 1]
    assert page.evaluate("[face.kind, host.childElementCount, problems]") == ["3d", 1, []]


def test_nothing_is_drawn_while_hidden(visit: Visit) -> None:
    page = visit(LIVE)
    wait_frames(page)
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { value: true, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    before = frames(page)
    page.wait_for_timeout(400)
    assert frames(page) == before
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { value: false, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    wait_frames(page)
    page.evaluate("host.style.marginTop = '5000px'")
    page.wait_for_timeout(300)
    before = frames(page)
    page.wait_for_timeout(400)
    assert frames(page) == before


NONBLANK = """() => {
    const from = host.querySelector("canvas");
    const to = new OffscreenCanvas(32, 32).getContext("2d");
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
        to.drawImage(from, 0, 0, 32, 32);
        const { data } = to.getImageData(0, 0, 32, 32);
        done(new Set(data).size > 40);
    })));
}"""


def test_a_lost_context_comes_back(visit: Visit) -> None:
    # The canvas keeps its last frame only for us to look at; the page does without.
    keep = """
        const get = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, options) {
            return get.call(this, kind, { ...options, preserveDrawingBuffer: true });
        };"""
    page = visit(LIVE, before=keep)
    wait_frames(page)
    assert page.evaluate(NONBLANK)
    page.evaluate(
        """() => {
            const gl = host.querySelector("canvas").getContext("webgl2");
            globalThis.loss = gl.getExtension("WEBGL_lose_context");
            loss.loseContext();
        }"""
    )
    page.wait_for_timeout(300)
    page.evaluate("loss.restoreContext()")
    page.wait_for_function(NONBLANK, timeout=60_000)
    assert page.evaluate("host.visavis().kind") == "3d"
    assert page.evaluate("problems") == []


def test_a_context_that_stays_away_is_replaced_by_a_drawing(visit: Visit) -> None:
    page = visit(LIVE)
    wait_frames(page)
    page.evaluate('host.querySelector("canvas").getContext("webgl2").getExtension("WEBGL_lose_context").loseContext()')
    page.wait_for_function("host.visavis().kind === '2d'", timeout=20_000)
    assert "drawn one" in page.evaluate("problems.join()")
    wait_frames(page)


def test_without_webgl_a_drawn_face_speaks(visit: Visit) -> None:
    refuse = """
        const get = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, options) {
            return kind.startsWith("webgl") ? null : get.call(this, kind, options);
        };"""
    page = visit(LIVE, before=refuse)
    assert page.evaluate("face.kind") == "2d"
    assert "drawn one speaks instead" in page.evaluate("problems.join()")
    page.evaluate("speak(() => ({cues: [{start: 0, shape: 'D'}], until: 5, t: 2.5, loudness: 1}))")
    page.wait_for_function("host.visavis().weights.open > 0.4")
    assert page.evaluate(NONBLANK)


def test_a_face_too_slow_is_replaced_for_one_reason(visit: Visit) -> None:
    """Giving up the screen gives its context away; that must not look like a second failure."""
    # Three frames a second, without keeping the processor busy; and nobody has to wait for the card's own patience.
    slow = """
        globalThis.requestAnimationFrame = (tell) => setTimeout(() => tell(performance.now()), 340);
        globalThis.cancelAnimationFrame = clearTimeout;
        const wait = globalThis.setTimeout;
        globalThis.setTimeout = (tell, ms, ...rest) => wait(tell, ms === 6000 ? 1500 : ms, ...rest);"""
    page = visit(LIVE, before=slow)
    page.wait_for_function("host.visavis().kind === '2d'", timeout=60_000)
    page.wait_for_timeout(2500)
    assert page.evaluate("problems") == ["This device draws the 3D face too slowly. A drawn one speaks instead."]


def test_the_drawing_wears_the_look(visit: Visit) -> None:
    """Hair, glasses and colours of the look that was chosen: no two drawings are alike."""
    refuse = """
        const get = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, options) {
            return kind.startsWith("webgl") ? null : get.call(this, kind, options);
        };"""
    seen = set()
    for look in ("mira", "leo", "yuna", "kofi", "henrik", "amara"):
        page = visit(f"{LIVE}&still&look={look}", before=refuse)
        wait_frames(page)
        # Over the head, in the hair, on the clothes: coarse, so that a breath makes no difference.
        seen.add(
            page.evaluate(
                """() => {
                    const from = host.querySelector("canvas");
                    const to = new OffscreenCanvas(8, 8).getContext("2d");
                    to.drawImage(from, 0, 0, 8, 8);
                    const { data } = to.getImageData(0, 0, 8, 8);
                    return [...data].map((c) => c >> 5).join("");
                }"""
            )
        )
        # Choosing a colour keeps the rest.
        page.evaluate("face.settings({ ...settings, colours: { clothes: '#00ff00' } })")
        page.wait_for_timeout(200)
        wait_frames(page)
        pixel = """() => {
            const from = host.querySelector("canvas");
            const { data } = from.getContext("2d").getImageData(from.width / 4, from.height - 4, 1, 1);
            return [...data.slice(0, 3)];
        }"""
        red, green, blue = page.evaluate(pixel)
        assert green > 200 and red < 60 and blue < 60
        page.close()
    assert len(seen) == 6


def test_a_missing_model_is_reported_and_drawn_instead(visit: Visit) -> None:
    page = visit(f"{LIVE}&avatar=/nowhere/")
    assert page.evaluate("face.kind") == "2d"
    assert len(page.evaluate("problems")) == 1


def test_another_size_is_never_shown_empty(visit: Visit) -> None:
    page = visit(LIVE)
    wait_frames(page)
    filled = page.evaluate(
        """() => {
            host.style.width = "240px";
            face.resize();
            const to = new OffscreenCanvas(32, 32).getContext("2d");
            to.drawImage(host.querySelector("canvas"), 0, 0, 32, 32);
            return new Set(to.getImageData(0, 0, 32, 32).data).size > 40;
        }"""
    )
    assert filled


def test_disposing_leaves_nothing(visit: Visit) -> None:
    page = visit(LIVE)
    wait_frames(page)
    page.evaluate(
        """() => {
            globalThis.asked = 0;
            face.mode("offline");
            globalThis.gl = host.querySelector("canvas").getContext("webgl2");
            face.dispose();
            speak(() => { asked++; return null; });
        }"""
    )
    page.wait_for_timeout(400)
    assert page.evaluate(
        "[host.childElementCount, asked, 'visavis' in host, host.style.filter, gl.isContextLost()]"
    ) == [
        0,
        0,
        False,
        "",
        True,
    ]


def test_thirty_faces_one_after_another_all_get_a_context(visit: Visit) -> None:
    """Browsers keep about sixteen contexts; each face has to give its own back."""
    page = visit("live&size=32")
    page.evaluate("face.dispose()")
    kinds = page.evaluate(
        """async () => {
            const kinds = [];
            for (let i = 0; i < 30; i++) {
                const f = await createFace(host, () => null, settings, (p) => problems.push(p));
                kinds.push(f.kind);
                f.dispose();
            }
            return kinds;
        }"""
    )
    assert kinds == ["3d"] * 30
    assert page.evaluate("problems") == []


def test_another_look_and_a_look_that_is_not_there(visit: Visit) -> None:
    page = visit(LIVE)
    first = page.evaluate("Object.keys(host.visavis().weights).length")
    page.evaluate("face.settings({ ...settings, look: 'henrik', theme: 'dark' })")
    page.wait_for_timeout(1500)
    wait_frames(page)
    assert page.evaluate("Object.keys(host.visavis().weights).length") == first
    page.evaluate("face.settings({ ...settings, look: 'own:gone' })")
    page.wait_for_function("problems.length === 1")
    assert "no longer kept" in page.evaluate("problems[0]")
    wait_frames(page)
    assert page.evaluate("host.visavis().kind") == "3d"


def load(page: Page, expression: str, name: str) -> Any:
    """What comes of loading the ArrayBuffer that *expression* gives: a report, or a sentence."""
    return page.evaluate(
        f"""async () => {{
            try {{
                return await loadOwnAvatar(new File([await ({expression})], {name!r}));
            }} catch (error) {{
                return `${{error.name}}: ${{error.message}}`;
            }}
        }}"""
    )


def test_an_own_avatar_is_reported_shown_and_kept(visit: Visit) -> None:
    page = visit(LIVE)
    report = load(page, "(await fetch('/avatar/leo.glb')).arrayBuffer()", "My <b>friend</b>.glb")
    assert report["name"] == "My bfriend/b"
    assert report["kind"] == "GLB"
    assert report["missing"] == []
    assert report["triangles"] > 10_000
    page.evaluate("look => face.settings({ ...settings, look })", report["look"])
    page.wait_for_timeout(1500)
    wait_frames(page)
    assert page.evaluate("problems") == []
    page.evaluate("speak(() => ({cues: [{start: 0, shape: 'F'}], until: 5, t: 2.5, loudness: 1}))")
    page.wait_for_function("host.visavis().weights.viseme_U > 0.9", timeout=60_000)
    again = visit(f"{LIVE}&look={report['look']}")
    wait_frames(again)
    assert again.evaluate("[face.kind, problems]") == ["3d", []]


@pytest.mark.parametrize("version", ["0.x", "1.0"])
def test_a_vrm_is_taken(visit: Visit, version: str) -> None:
    page = visit(LIVE)
    report = load(page, f"vrmSample('{version}')", "person.vrm")
    assert report["kind"] == f"VRM {version}"
    page.evaluate("look => face.settings({ ...settings, look })", report["look"])
    page.evaluate("speak(() => ({cues: [{start: 0, shape: 'D'}], until: 5, t: 2.5, loudness: 1}))")
    page.wait_for_function("host.visavis().weights.aa > 0.9", timeout=60_000)
    assert page.evaluate("problems") == []


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("(await fetch('/avatar/leo.glb')).arrayBuffer().then(b => b.slice(0, 300000))", "cut off or damaged"),
        ("new ArrayBuffer(0)", "empty or cut off"),
        ("new TextEncoder().encode('<script>alert(1)</script>'.repeat(9)).buffer", "not a GLB or VRM"),
        ("sample({ spoil: (j) => { j.meshes = []; } })", "no mesh"),
        ("sample({ spoil: (j) => { j.buffers = [{ uri: 'https://example.com/x' }]; } })", "points to another one"),
        ("sample({ images: [new Uint8Array(64)] })", "cannot be read"),
        ("sample({ extensions: { VRMC_vrm: {} } })", ""),
    ],
)
def test_a_bad_file_gets_a_sentence_and_the_old_avatar_stays(visit: Visit, expression: str, words: str) -> None:
    page = visit(LIVE)
    answer = load(page, expression, "bad.glb")
    assert isinstance(answer, str)
    assert answer.startswith("AvatarProblem: ")
    assert words in answer
    wait_frames(page)
    assert page.evaluate("[face.kind, problems]") == ["3d", []]


def test_a_file_of_200_megabytes_is_not_even_read(visit: Visit) -> None:
    page = visit(LIVE)
    answer = page.evaluate(
        """async () => {
            const file = new File([], "huge.glb");
            Object.defineProperty(file, "size", { value: 200 * 2 ** 20 });
            file.arrayBuffer = () => { throw new Error("read"); };
            return loadOwnAvatar(file).catch((e) => e.message);
        }"""
    )
    assert "200 MB" in answer
