// What is checked on each page. A check answers nothing when it holds, and with a text when it does not.

/** How far the cursor of a chart may be from the time of the video, seconds. */
const CURSOR_S = 0.05;

const near = (what, value, wanted, tolerance = CURSOR_S) =>
  Math.abs(value - wanted) <= tolerance || `${what} is ${value.toFixed(3)}, not ${wanted.toFixed(3)} s`;

const quiet = (page) => page.problems.length === 0 || page.problems.slice(0, 3).join("; ");

/** The time of the video, and where the cursors of all charts are. */
const times = (page) =>
  page.evaluate(() => {
    const shown = Object.values(posekit.pages).at(-1);
    return {
      video_s: shown.clock.hasVideo ? shown.clock.video.currentTime : shown.clock.time_s,
      duration_s: shown.clock.duration_s,
      cursors_s: shown.charts.map(({ plot }) => plot.posToVal(plot.cursor.left, "x")),
      /** Where the line that people see is drawn, not only what the chart says of itself. */
      lines_s: shown.charts.map(({ plot }) => {
        const line = plot.over.querySelector(".u-cursor-x").getBoundingClientRect();
        return plot.posToVal(line.right - plot.over.getBoundingClientRect().left, "x");
      }),
      pixel_s: shown.charts.map(({ plot }) => (plot.scales.x.max - plot.scales.x.min) / plot.over.clientWidth),
    };
  });

const follows = async (page) => {
  const { video_s, cursors_s, lines_s, pixel_s } = await times(page);
  if (cursors_s.length === 0) return "there is no chart";
  for (const [index, cursor_s] of cursors_s.entries()) {
    const cursor = near(`cursor ${index}`, cursor_s, video_s);
    if (cursor !== true) return cursor;
    const line = near(`line ${index}`, lines_s[index], video_s, CURSOR_S + 3 * pixel_s[index]);
    if (line !== true) return line;
  }
  return true;
};

const settled = async (page) => {
  await page.waitForFunction(() => {
    const { clock } = Object.values(posekit.pages).at(-1);
    return !clock.hasVideo || (!clock.video.seeking && clock.video.readyState >= 2);
  });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
};

const seek = async (page, time_s) => {
  await page.evaluate((time_s) => {
    const { clock } = Object.values(posekit.pages).at(-1);
    if (clock.hasVideo) clock.video.currentTime = time_s;
    else clock.seek(time_s);
  }, time_s);
  await settled(page);
};

export async function checkIndex({ check, open, accessible, fits, shoot }, context, path, look, videoCount) {
  const page = await open(context, path);
  const name = `${look.name} index`;
  await shoot(page, `${look.name}-index`);
  await check(`${name}: no errors, nothing from a network`, () => quiet(page));
  await check(`${name}: axe finds nothing serious`, () => accessible(page));
  await check(`${name}: no horizontal scroll`, () => fits(page));
  await check(`${name}: lists every video`, async () => {
    const rows = await page.locator("#videos-table tbody tr").count();
    return rows === videoCount || `${rows} rows, ${videoCount} videos`;
  });
  if (look.name === "desktop-light") {
    await check(`${name}: sorts by length by keyboard, both ways`, () => sortsByLength(page));
    await check(`${name}: filter by keyboard`, () => filters(page));
    await check(`${name}: skip link is the first stop and leads to the content`, () => skips(page));
    await check(`${name}: theme button changes the page and stays`, () => changesTheme(page, accessible));
  }
  await page.close();
}

async function sortsByLength(page) {
  const lengths = () => page.locator("#videos-table tbody tr td:nth-child(3)").evaluateAll((cells) => cells.map((cell) => cell.dataset.sort));
  const button = page.locator("#videos-table th button.sort", { hasText: "Length" });
  for (const [direction, sign] of [["ascending", 1], ["descending", -1]]) {
    await button.focus();
    await page.keyboard.press("Enter");
    // Videos of unknown length come last, whichever the direction.
    const shown = await lengths();
    const known = shown.filter((length) => length !== "");
    const isInOrder = known.every((length, index) => index === 0 || sign * (length - known[index - 1]) >= 0);
    if (!isInOrder || shown.indexOf("") !== (known.length < shown.length ? known.length : -1)) return `${direction}: ${shown}`;
    const state = await button.locator("..").getAttribute("aria-sort");
    if (state !== direction) return `aria-sort is ${state}`;
  }
  return true;
}

async function filters(page) {
  const names = await page.locator("#videos-table tbody .name").allTextContents();
  await page.locator("[data-filter=videos-table]").focus();
  await page.keyboard.type(names[0]);
  const shown = await page.locator("#videos-table tbody tr:visible .name").allTextContents();
  const status = await page.locator("[data-count=videos-table]").textContent();
  await page.locator("[data-filter=videos-table]").fill("");
  const all = await page.locator("#videos-table tbody tr:visible").count();
  return (shown.length >= 1 && shown.every((name) => name.includes(names[0])) && all === names.length && status.length > 0) || `${shown} of ${names}, then ${all}; "${status}"`;
}

async function skips(page) {
  await page.reload();
  await page.keyboard.press("Tab");
  const isFirst = await page.evaluate(() => document.activeElement.className === "skip");
  await page.keyboard.press("Enter");
  return (isFirst && (await page.evaluate(() => document.activeElement.id === "main"))) || "the focus is elsewhere";
}

async function changesTheme(page, accessible) {
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const before = await ground();
  await page.locator("#theme").click();
  const after = await ground();
  if (before === after) return `the background stays ${before}`;
  const grave = await accessible(page);
  if (grave) return grave;
  await page.reload();
  const kept = await ground();
  await page.locator("#theme").click();
  const back = await ground();
  await page.evaluate(() => localStorage.clear());
  return (kept === after && back === before) || `${before}, ${after}, ${kept}, ${back}`;
}

export async function checkVideo(tools, context, path, look, name) {
  const { check, skip, open, accessible, fits, shoot } = tools;
  const page = await open(context, path);
  await settled(page);
  const curveCount = await page.evaluate(() => JSON.parse(document.querySelector("[data-video-data]").textContent).curves.curves.length);
  const { duration_s } = await times(page);
  await seek(page, 0.4 * duration_s);
  await shoot(page, name.replaceAll(" ", "-"));
  await check(`${name}: axe finds nothing serious`, () => accessible(page));
  await check(`${name}: no horizontal scroll`, () => fits(page));
  await check(`${name}: numbers on the time line are whole and do not touch`, () => numbers(page));
  if (curveCount === 0) skip(`${name}: charts`, "no curves in this video");
  else await check(`${name}: cursors are at the video's time after a seek`, async () => near("video", (await times(page)).video_s, 0.4 * duration_s) === true && follows(page));
  if (look.name === "desktop-light" && curveCount > 0) await useVideo(tools, page, name, duration_s);
  if (look.name === "phone-light" && curveCount > 0) await check(`${name}: a tap on a chart seeks`, () => clicksChart(page, 0.7, (x, y) => page.touchscreen.tap(x, y)));
  await check(`${name}: no errors, nothing from a network`, () => quiet(page));
  await page.close();
  return curveCount > 0;
}

/** Numbers of repetitions, also where the time line has little room. */
async function numbers(page) {
  const faults = [];
  const counts = await page.evaluate(() => {
    const { repetitions } = JSON.parse(document.querySelector("[data-video-data]").textContent);
    return [repetitions.length, document.querySelectorAll("[data-timeline] .ordinal").length];
  });
  if (counts[0] !== counts[1]) return `repetitions and spans: ${counts}`;
  for (const width of ["", "220px", "130px", ""]) {
    faults.push(
      ...(await page.evaluate(async (width) => {
        const box = document.querySelector("[data-timeline]");
        box.style.width = width;
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const place = (span) => {
          const range = document.createRange();
          range.selectNodeContents(span);
          return range.getBoundingClientRect();
        };
        return [...box.querySelectorAll(".track")].flatMap((track) => {
          const spans = [...track.querySelectorAll(".ordinal")];
          const shown = spans.filter((span) => span.textContent !== "");
          const cut = shown.filter((span) => span.textContent !== span.dataset.text || getComputedStyle(span).overflow !== "visible");
          const touching = shown.filter((span, index) => index > 0 && place(shown[index - 1]).right > place(span).left);
          const none = spans.length > 0 && shown.length === 0 ? ["none is left"] : [];
          return [...cut, ...touching].map((span) => `${span.dataset.text} at ${width || "full width"}`).concat(none);
        });
      }, width)),
    );
  }
  return faults.length === 0 || faults.slice(0, 5).join("; ");
}

/** Uses everything on the page of a video. */
async function useVideo({ check, skip }, page, name, duration_s) {
  await check(`${name}: video plays and cursors move with it`, () => plays(page));
  await check(`${name}: cursors are at the video's time when paused`, async () => {
    await page.locator("[data-transport=play]:visible").click();
    await settled(page);
    return follows(page);
  });
  for (const share of [0.25, 0.8]) {
    await check(`${name}: a click at ${100 * share} % of a chart seeks there`, () => clicksChart(page, share, (x, y) => page.mouse.click(x, y)));
  }
  await check(`${name}: arrow keys go frame by frame, Home, End and Space work`, () => keys(page, duration_s));
  await check(`${name}: time is announced when it rests`, () => announces(page));
  await check(`${name}: every chart has a summary`, () => summaries(page));
  await check(`${name}: 2D and 3D differ`, () => dimensions(page));
  await check(`${name}: a side switched off has no curves`, () => sideOff(page));
  await check(`${name}: a window follows the time`, () => windows(page, duration_s));
  if ((await page.locator("[data-event]").count()) > 0) await check(`${name}: event buttons seek, by mouse and keyboard`, () => events(page));
  else skip(`${name}: event buttons seek`, "no events in this video");
  if ((await page.locator(".choice-people input").count()) > 1) await check(`${name}: a person switched off has no curves, rows or marks`, () => personOff(page));
  else skip(`${name}: a person switched off`, "one person in this video");
  await check(`${name}: metrics sort by value`, () => sortsMetrics(page));
  await check(`${name}: links lead to files`, () => links(page));
  await check(`${name}: charts keep their theme's colors`, () => chartTheme(page));
}

async function plays(page) {
  await seek(page, 0);
  await page.locator("[data-transport=play]:visible").click();
  await page.waitForTimeout(700);
  const first = await times(page);
  await page.waitForTimeout(300);
  const second = await times(page);
  if (!(first.video_s > 0.1 && second.video_s > first.video_s)) return `video at ${first.video_s}, then ${second.video_s}`;
  const moved = second.cursors_s.every((cursor_s, index) => cursor_s > first.cursors_s[index]);
  return moved || `cursors at ${first.cursors_s}, then ${second.cursors_s}`;
}

async function clicksChart(page, share, press) {
  const plot = page.locator("[data-charts] .u-over").first();
  await plot.scrollIntoViewIfNeeded();
  // On a phone the video covers the top of the screen.
  await plot.evaluate((over) => over.scrollIntoView({ block: "center" }));
  const box = await plot.boundingBox();
  const wanted_s = await page.evaluate(
    ([share]) => Object.values(posekit.pages).at(-1).charts[0].plot.posToVal(share * Object.values(posekit.pages).at(-1).charts[0].plot.over.clientWidth, "x"), [share],
  );
  await press(box.x + share * box.width, box.y + 0.6 * box.height);
  await settled(page);
  const { video_s, pixel_s } = await times(page);
  const there = near("video", video_s, wanted_s, pixel_s[0] + 0.01);
  return there === true ? follows(page) : there;
}

async function keys(page, duration_s) {
  const time_s = async () => {
    await settled(page);
    return (await times(page)).video_s;
  };
  const frame_s = await page.evaluate(() => Object.values(posekit.pages).at(-1).clock.frame_s);
  await page.locator("[data-charts] [role=slider]").first().focus();
  await page.keyboard.press("Home");
  const answers = [near("after Home, video", await time_s(), 0)];
  for (const [key, wanted_s] of [["ArrowRight", frame_s], ["ArrowRight", 2 * frame_s], ["ArrowLeft", frame_s], ["Shift+ArrowRight", 11 * frame_s]]) {
    await page.keyboard.press(key);
    answers.push(near(`after ${key}, video`, await time_s(), Math.min(wanted_s, duration_s), 0.01));
  }
  answers.push(await follows(page));
  await page.keyboard.press("End");
  answers.push(near("after End, video", await time_s(), duration_s));
  await page.keyboard.press("Home");
  await time_s();
  await page.keyboard.press("Space");
  await page.waitForTimeout(500);
  await page.keyboard.press("Space");
  const played_s = await time_s();
  answers.push(played_s > 0.1 || `after Space, video is at ${played_s}`);
  const value = Number(await page.locator("[data-charts] [role=slider]").first().getAttribute("aria-valuenow"));
  answers.push(near("aria-valuenow", value, played_s));
  return answers.find((answer) => answer !== true) ?? true;
}

async function announces(page) {
  await seek(page, 0.5);
  await page.waitForTimeout(600);
  const text = await page.locator("[data-time-live]").textContent();
  return text === "0.50 seconds" || `it says "${text}"`;
}

async function summaries(page) {
  const [charts, texts] = [await page.locator(".chart").count(), await page.locator(".chart .summary").allTextContents()];
  return (charts > 0 && texts.length === charts && texts.every((text) => /\d/.test(text) && !/NaN|undefined|null/.test(text))) || `${texts}`;
}

const curves = (page) => page.evaluate(() => Object.values(posekit.pages).at(-1).charts.flatMap(({ curves }) => curves.map(({ person_id, side, dimension }) => `${person_id} ${side} ${dimension}`)));

async function dimensions(page) {
  const before = await page.evaluate(() => JSON.stringify(Object.values(posekit.pages).at(-1).charts[0].plot.data[1]));
  await page.locator("input[type=radio][value='2d']").check();
  const after = await page.evaluate(() => JSON.stringify(Object.values(posekit.pages).at(-1).charts[0].plot.data[1]));
  const shown = await curves(page);
  await page.locator("input[type=radio][value='3d']").check();
  return (before !== after && shown.every((curve) => curve.endsWith("2d"))) || `${shown}`;
}

async function sideOff(page) {
  const box = page.locator(".choice-sides input[value=left]");
  await box.focus();
  await page.keyboard.press("Space");
  const off = await curves(page);
  await page.keyboard.press("Space");
  const on = await curves(page);
  return (off.length > 0 && !off.some((curve) => curve.includes("left")) && on.some((curve) => curve.includes("left"))) || `off: ${off}; on: ${on}`;
}

async function windows(page, duration_s) {
  const select = page.locator(".choice select");
  await select.selectOption("1");
  await seek(page, 0.5 * duration_s);
  const [first_s, last_s] = await page.evaluate(() => {
    const { min, max } = Object.values(posekit.pages).at(-1).charts[0].plot.scales.x;
    return [min, max];
  });
  const cursor = await follows(page);
  await select.selectOption("0");
  const isCentered = Math.abs(last_s - first_s - 1) < 1e-6 && Math.abs((first_s + last_s) / 2 - 0.5 * duration_s) < CURSOR_S;
  return isCentered ? cursor : `the chart shows ${first_s} to ${last_s} s`;
}

async function events(page) {
  const marks = page.locator("[data-event]");
  const last = marks.nth((await marks.count()) - 1);
  await last.click({ force: true });
  await settled(page);
  const clicked = near("video", (await times(page)).video_s, Number(await last.getAttribute("data-seek")), 0.01);
  const stop = page.locator("[data-event][tabindex='0']").first();
  await stop.focus();
  await page.keyboard.press("ArrowRight");
  const wanted_s = await page.evaluate(() => Number(document.activeElement.dataset.seek));
  await page.keyboard.press("Enter");
  await settled(page);
  const pressed = near("video", (await times(page)).video_s, wanted_s, 0.01);
  return clicked === true ? (pressed === true ? follows(page) : pressed) : clicked;
}

async function personOff(page) {
  const boxes = page.locator(".choice-people input");
  const box = boxes.nth((await boxes.count()) - 1);
  const person = await box.getAttribute("value");
  const rows = page.locator(`tr[data-person="${person}"]:visible`);
  const lanes = page.locator(".lane");
  const state = async () => [(await curves(page)).filter((curve) => curve.startsWith(`${person} `)).length, await rows.count(), await lanes.count()];
  const before = await state();
  await box.uncheck();
  const off = await state();
  await box.check();
  const after = await state();
  const holds = before[0] > 0 && off[0] === 0 && off[1] === 0 && off[2] <= before[2] && JSON.stringify(before) === JSON.stringify(after);
  return holds || `curves, rows and lanes: ${before}, off ${off}, on ${after}`;
}

async function sortsMetrics(page) {
  const button = page.locator("[id$=metrics-table] th button.sort", { hasText: "Value" });
  await button.click();
  const shown = await page.locator("[id$=metrics-table] tbody td.value").evaluateAll((cells) => cells.map((cell) => cell.dataset.sort).filter((key) => key !== "").map(Number));
  return (shown.length > 0 && shown.every((value, index) => index === 0 || value >= shown[index - 1])) || `${shown.slice(0, 9)}`;
}

async function links(page) {
  const addresses = await page.locator("main a[href]").evaluateAll((anchors) => anchors.map((anchor) => anchor.href));
  const { access } = await import("node:fs/promises");
  for (const address of addresses) await access(new URL(address.split("#")[0]));
  return addresses.length > 0 || "there are no links";
}

async function chartTheme(page) {
  const color = () => page.evaluate(() => {
    const { plot, curves } = Object.values(posekit.pages).at(-1).charts[0];
    const { side } = curves[0];
    return [plot.series[1].stroke(), getComputedStyle(document.documentElement).getPropertyValue(`--${side}`).trim()];
  });
  const before = await color();
  await page.locator("#theme").click();
  const after = await color();
  await page.locator("#theme").click();
  await page.evaluate(() => localStorage.clear());
  return (before[0] === before[1] && after[0] === after[1] && before[0] !== after[0]) || `${before} then ${after}`;
}

export async function checkSingleFile({ check, skip, open, accessible, shoot }, context, path, videoCount) {
  const page = await open(context, path);
  const name = "single file";
  await check(`${name}: the overview links to every video`, async () => {
    const count = await page.locator(".video-link:visible").count();
    return count === videoCount || `${count} links`;
  });
  for (let index = 0; index < videoCount; index += 1) {
    await page.locator(".video-link").nth(index).click();
    await settled(page);
    const title = await page.locator("h1:visible").textContent();
    const hasCharts = (await page.locator("[data-charts]:visible").count()) > 0;
    if (!hasCharts) skip(`${name}: ${title} plays`, "no curves in this video");
    else await check(`${name}: ${title} plays, cursors follow`, async () => {
      const moves = await plays(page);
      await page.locator("[data-transport=play]:visible").click();
      await settled(page);
      return moves === true ? follows(page) : moves;
    });
    if (index === 0) {
      await shoot(page, "single-file");
      await check(`${name}: axe finds nothing serious`, () => accessible(page));
    }
    await page.goBack();
    await check(`${name}: the back button leads to the overview`, () => page.locator(".video-link").first().isVisible());
  }
  await check(`${name}: no errors, nothing from a network`, () => quiet(page));
  await page.close();
}
