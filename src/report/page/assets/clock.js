"use strict";
/* The clock of a page: the athlete's time of the playing video, or its own time without a video. In slow motion the video
   takes longer. */
posekit.Clock = class {
  /** The offset after a frame's start when seeking, so that rounding does not show the previous frame. */
  static MARGIN_S = 0.001;

  constructor(section, data) {
    this.video = section.querySelector("video");
    this.hasVideo = !("none" in this.video.dataset);
    this.frame_s = 1 / (data.fps > 0 ? data.fps : 30);
    this.known_s = data.duration_s ?? 0;
    this.slowMotion = data.slow_motion > 0 ? data.slow_motion : 1;
    this.time_s = 0;
    this.listeners = [];
    this.isPlaying = false;
    this.rate = 1;
    if (this.hasVideo) this.#follow();
  }

  get duration_s() {
    const video_s = this.hasVideo ? this.video.duration / this.slowMotion : NaN;
    return Number.isFinite(video_s) ? video_s : this.known_s;
  }

  /** Calls `listener(time_s, isSettled)`. A time is settled if it stays; times during playback are not. */
  listen(listener) {
    this.listeners.push(listener);
    listener(this.time_s, true);
  }

  seek(time_s) {
    const wanted_s = Math.min(Math.max(time_s, 0), this.duration_s);
    if (this.hasVideo) {
      this.video.currentTime = Math.min(wanted_s * this.slowMotion + posekit.Clock.MARGIN_S, this.duration_s * this.slowMotion);
      this.#tell(this.#shown_s(), false);
    } else {
      this.#tell(wanted_s, true);
    }
  }

  step(frames) {
    const frame = Math.floor(this.time_s / this.frame_s + 0.1);
    this.pause();
    this.seek((frame + frames) * this.frame_s);
  }

  play() {
    if (this.hasVideo) return void this.video.play().catch(() => this.#tell(this.#shown_s(), true));
    this.isPlaying = true;
    let last_ms = performance.now();
    const tick = (now_ms) => {
      if (!this.isPlaying) return;
      this.#tell(this.time_s + ((now_ms - last_ms) / 1000) * this.rate, false);
      last_ms = now_ms;
      if (this.time_s >= this.duration_s) this.pause();
      else requestAnimationFrame(tick);
    };
    if (this.time_s >= this.duration_s) this.time_s = 0;
    requestAnimationFrame(tick);
  }

  pause() {
    if (this.hasVideo) return this.video.pause();
    this.isPlaying = false;
    this.#tell(this.time_s, true);
  }

  toggle() {
    return this.isPlaying ? this.pause() : this.play();
  }

  setRate(rate) {
    this.rate = rate;
    if (this.hasVideo) this.video.playbackRate = rate;
  }

  /** The athlete's time of the picture that the video shows. */
  #shown_s() {
    return this.video.currentTime / this.slowMotion;
  }

  #tell(time_s, isSettled) {
    this.time_s = Math.min(Math.max(time_s, 0), this.duration_s || time_s);
    for (const listener of this.listeners) listener(this.time_s, isSettled);
  }

  /** During playback the time is that of the frame on the screen, otherwise the time that was set. */
  #follow() {
    const { video } = this;
    const settle = () => this.#tell(this.#shown_s(), true);
    for (const name of ["seeked", "loadedmetadata", "ended"]) video.addEventListener(name, settle);
    video.addEventListener("seeking", () => this.#tell(this.#shown_s(), false));
    video.addEventListener("play", () => {
      this.isPlaying = true;
      this.#tell(this.#shown_s(), false);
    });
    video.addEventListener("pause", () => {
      this.isPlaying = false;
      settle();
    });
    if ("requestVideoFrameCallback" in video) {
      const onFrame = (_, frame) => {
        if (!video.paused && !video.seeking) this.#tell(frame.mediaTime / this.slowMotion, false);
        video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);
    } else {
      const onTick = () => {
        if (!this.isPlaying) return;
        this.#tell(this.#shown_s(), false);
        requestAnimationFrame(onTick);
      };
      video.addEventListener("play", () => requestAnimationFrame(onTick));
    }
  }
};

/** Buttons and readout below the video. */
posekit.connectTransport = (section, clock) => {
  const find = (name) => section.querySelector(`[data-transport="${name}"]`);
  const play = find("play");
  const [readout, live] = [section.querySelector("[data-time]"), section.querySelector("[data-time-live]")];
  let announcement = 0;
  play.addEventListener("click", () => clock.toggle());
  find("back").addEventListener("click", () => clock.step(-1));
  find("forward").addEventListener("click", () => clock.step(1));
  find("rate").addEventListener("change", (event) => clock.setRate(Number(event.target.value)));
  clock.listen((time_s, isSettled) => {
    readout.textContent = `${posekit.number(time_s, 3)} s`;
    play.textContent = clock.isPlaying ? "Pause" : "Play";
    play.setAttribute("aria-pressed", String(clock.isPlaying));
    if (!isSettled) return;
    // Announced once scrubbing stops, not for each frame.
    clearTimeout(announcement);
    announcement = setTimeout(() => (live.textContent = `${posekit.number(clock.time_s, 2)} seconds`), 400);
  });
};
