//! Several workers at the same time, each with its own runner of units. They take videos, and segments of videos, from the
//! schedule. Outcomes of videos are returned one by one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ScopedJoinHandle;

use crossbeam_channel::{Sender, unbounded};

use super::events::{Event, Reporter};
use super::job::{Job, JobError, JobOptions, JobOutcome};
use super::plan::{Candidate, Decision, KnownVideo, Planner, SeenFile};
use super::runner::{RunnerError, Runners, UnitRunner};
use super::schedule::{AfterSegment, Assignment, Division, Next, RangeId, Schedule};
use super::spec::Failure;
use super::unit::{Dispatcher, UnitError};
use super::video_work::{Prepared, VideoWork};
use crate::interrupt::Interrupt;
use crate::store::segments;
use crate::store::{Layout, StoreError};
use crate::video::VideoError;

/// The resources that all workers share.
pub(crate) struct Crew<'a> {
    /// The largest number of workers.
    pub(crate) size: usize,
    /// The options of all jobs.
    pub(crate) options: JobOptions,
    /// The layout in which parts are written.
    pub(crate) layout: &'a Layout,
    /// Decides upon files.
    pub(crate) planner: &'a Planner<'a>,
    /// Makes what does the workers' units.
    pub(crate) runners: &'a dyn Runners,
    /// The division of videos into units.
    pub(crate) division: Division,
    /// The order in which candidates are begun, by their places.
    pub(crate) order: &'a [usize],
    /// The reporter of progress.
    pub(crate) reporter: &'a dyn Reporter,
    /// The user's request to stop.
    pub(crate) interrupt: &'a Interrupt,
}

/// The outcome of a file.
#[derive(Debug)]
pub(crate) enum Settled {
    /// The file's video was extracted, or cannot be.
    Made(Box<JobOutcome>),
    /// The tables of the file's video are there.
    Known(KnownVideo),
    /// The file is a copy of a known video.
    Copy(SeenFile),
    /// The file, by its number, cannot be read.
    Unreadable(usize, VideoError),
}

impl Crew<'_> {
    /// Processes all files. `make_ready` is called in this thread while workers make their runners and prepare videos.
    /// No segment is begun before it has succeeded. `on_outcome` is called in this thread for each finished file. The
    /// first error also ends the other workers, after the outcomes before it have been passed on.
    ///
    /// # Errors
    /// An error concerns more than one video, or the user asked to stop.
    pub(crate) fn run<E: From<JobError>>(
        &self,
        candidates: &[Candidate],
        make_ready: impl FnOnce() -> Result<(), E>,
        mut on_outcome: impl FnMut(Settled) -> Result<(), E>,
    ) -> Result<(), E> {
        // The channel holds at most one entry per video.
        let (sender, outcomes) = unbounded();
        let shared = Shared {
            crew: self,
            candidates,
            board: Mutex::new(Board {
                schedule: Schedule::new(self.order, self.division),
                videos: candidates.iter().map(|_| None).collect(),
            }),
            has_changed: Condvar::new(),
            is_over: AtomicBool::new(false),
            sealing: Mutex::new(()),
        };
        shared.board().schedule.hold();
        std::thread::scope(|scope| {
            for number in 0..self.size.max(1) {
                let (shared, sender) = (&shared, sender.clone());
                let builder = std::thread::Builder::new().name(format!("worker-{number}"));
                // If no further thread can be started, the existing workers do all jobs.
                match builder.spawn_scoped(scope, move || shared.work(&sender)) {
                    Err(source) if number == 0 => return Err(JobError::Thread { source }.into()),
                    Err(source) => tracing::warn!("cannot start worker {number}: {source}"),
                    Ok(_) => {}
                }
            }
            drop(sender);
            let mut first_error = make_ready().err();
            if first_error.is_some() {
                shared.end();
            }
            shared.board().schedule.release();
            shared.has_changed.notify_all();
            for outcome in outcomes {
                let handled = outcome.map_err(E::from).and_then(&mut on_outcome);
                if let Err(error) = handled {
                    shared.end();
                    first_error.get_or_insert(error);
                }
            }
            match first_error {
                Some(error) => Err(error),
                None if self.interrupt.is_requested() => Err(JobError::Interrupted.into()),
                None => Ok(()),
            }
        })
    }
}

/// The state that the workers of one extraction share.
struct Shared<'a> {
    crew: &'a Crew<'a>,
    candidates: &'a [Candidate],
    board: Mutex<Board<'a>>,
    /// Signals that there may be work again, or that no more will come.
    has_changed: Condvar,
    /// Whether the extraction must end at once.
    is_over: AtomicBool,
    /// Held while rows are turned into files. No other lock is waited for while it is held.
    sealing: Mutex<()>,
}

/// The schedule, and the videos in work by their numbers.
struct Board<'a> {
    schedule: Schedule,
    videos: Vec<Option<VideoWork<'a>>>,
}

type Outcomes = Sender<Result<Settled, JobError>>;

impl<'a> Shared<'a> {
    fn board(&self) -> MutexGuard<'_, Board<'a>> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the extraction at once.
    fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.board().schedule.stop();
        self.has_changed.notify_all();
    }

    fn work(&self, outcomes: &Outcomes) {
        let _guard = EndOnPanic(self);
        // The runner loads its networks while the first video is prepared.
        let worked = std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().name("networks".to_owned());
            let making = builder.spawn_scoped(scope, || self.crew.runners.make());
            let mut runner = Runner::Making(making.map_err(|source| JobError::Thread { source })?);
            while let Some(next) = self.next() {
                let outcome = match next {
                    Task::Prepare(video) => self.prepare(video)?,
                    Task::Work(assignment) => {
                        let mut made = runner.made()?;
                        let outcome = self.do_unit(&assignment, made.as_mut());
                        runner = Runner::Made(made);
                        outcome?
                    }
                };
                if let Some(outcome) = outcome
                    && outcomes.send(Ok(outcome)).is_err()
                {
                    break;
                }
            }
            // A network that cannot be loaded is an error even if no worker has needed it.
            runner.made().map(drop)
        });
        if let Err(error) = worked {
            self.end();
            drop(outcomes.send(Err(error)));
        }
    }

    /// Returns this worker's next task. Waits while other workers may create work. Returns `None` if no more work will
    /// come.
    fn next(&self) -> Option<Task> {
        let mut board = self.board();
        loop {
            if self.is_over.load(Ordering::Relaxed) {
                return None;
            }
            if self.crew.interrupt.is_requested() {
                board.schedule.stop();
            }
            match board.schedule.next_task() {
                Next::Prepare(video) => return Some(Task::Prepare(video)),
                Next::Work(assignment) => return Some(Task::Work(assignment)),
                Next::End => return None,
                Next::Wait => board = self.has_changed.wait(board).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Decides upon a candidate.
    fn decide(&self, candidate: &Candidate) -> Decided {
        let Crew { planner, reporter, interrupt, .. } = self.crew;
        if candidate.video_id.is_none() {
            let Candidate { number, name, stamp, .. } = candidate;
            reporter.on(&Event::FileOpened { video: *number, name, size_bytes: stamp.size_bytes });
        }
        let is_wanted = || !self.is_over.load(Ordering::Relaxed) && !interrupt.is_requested();
        match planner.decide(candidate, &is_wanted) {
            Ok(Some(Decision::Extract(job))) => Decided::Job(job),
            Ok(Some(Decision::Known(known))) => Decided::Settled(Some(Settled::Known(known))),
            Ok(Some(Decision::Copy(seen))) => Decided::Settled(seen.map(Settled::Copy)),
            Ok(None) => Decided::Settled(None),
            Err(error) => Decided::Settled(Some(Settled::Unreadable(candidate.number, error))),
        }
    }

    /// Prepares a video. Returns its outcome if no segments remain.
    fn prepare(&self, video: usize) -> Result<Option<Settled>, JobError> {
        let Crew { options, layout, reporter, .. } = self.crew;
        let _core = options.ahead.cores.claim();
        let job = match self.decide(&self.candidates[video]) {
            Decided::Job(job) => job,
            Decided::Settled(settled) => {
                self.begin(video, None, &[]);
                reporter.on(&Event::FileKnown { video });
                return Ok(settled);
            }
        };
        let prepared = VideoWork::prepare(&job, options, layout);
        let (work, ranges) = match prepared {
            Ok(Prepared::Open(work, ranges)) => (Some(*work), ranges),
            Ok(Prepared::Complete(outcome) | Prepared::Failed(outcome)) => {
                self.begin(video, None, &[]);
                return Ok(Some(Settled::Made(outcome)));
            }
            Err(error) => {
                self.begin(video, None, &[]);
                return Err(error);
            }
        };
        if let Some(work) = &work {
            let (n_frames, n_sealed) = work.expected_frames();
            let Job { number, name, .. } = work.job();
            reporter.on(&Event::VideoStarted { video: *number, name, n_frames, n_sealed });
        }
        let is_complete = ranges.is_empty();
        let work = self.begin(video, work, &ranges).filter(|_| is_complete);
        finished(work)
    }

    /// Puts a prepared video on the board. Returns it if it has no segments to work on.
    fn begin(&self, video: usize, work: Option<VideoWork<'a>>, ranges: &[(u32, Option<u32>)]) -> Option<VideoWork<'a>> {
        let mut board = self.board();
        board.schedule.begin(video, ranges);
        self.has_changed.notify_all();
        if ranges.is_empty() {
            return work;
        }
        board.videos[video] = work;
        None
    }

    /// Works on segments of a video. Returns the video's outcome if they were the last ones.
    fn do_unit(&self, assignment: &Assignment, runner: &mut dyn UnitRunner) -> Result<Option<Settled>, JobError> {
        let &Assignment { video, range, first_segment, last_segment } = assignment;
        let unit = self.board().videos[video].as_ref().map(|work| work.unit(first_segment, last_segment));
        let Some(unit) = unit else { return Ok(None) };
        let dispatcher = RangeDispatcher { shared: self, video, range };
        let ended = runner.run(&unit, &dispatcher);
        let mut board = self.board();
        let is_void = board.schedule.is_void(range);
        let (failure, fault) = match ended {
            Ok(record) => {
                if let Some(work) = board.videos[video].as_mut().filter(|_| !is_void) {
                    work.add(record);
                }
                (None, None)
            }
            Err(error) => consequences(error),
        };
        if let (Some(failure), Some(work)) = (failure, board.videos[video].as_mut()) {
            work.fail(failure);
            board.schedule.give_up(video);
        }
        let is_done = board.schedule.finish(range);
        self.has_changed.notify_all();
        if let Some(fault) = fault {
            return Err(fault);
        }
        // Work that an interrupt has left undone remains for the next extraction.
        let is_cut_short = self.crew.interrupt.is_requested() || self.is_over.load(Ordering::Relaxed);
        let work = if is_done && !is_cut_short { board.videos[video].take() } else { None };
        drop(board);
        let _core = self.crew.options.ahead.cores.claim();
        finished(work)
    }
}

/// Returns the failure of the video, and the error that ends the extraction.
fn consequences(error: RunnerError) -> (Option<Failure>, Option<JobError>) {
    match error {
        RunnerError::Unit(UnitError::Video(error)) => (Some(Failure::from(&error)), None),
        RunnerError::GivenUp(failure) => (Some(failure), None),
        RunnerError::Unit(UnitError::CalledOff) => (None, None),
        RunnerError::Unit(UnitError::Store(error)) => (None, Some(JobError::Store(error))),
        RunnerError::Unit(UnitError::Thread(source)) => (None, Some(JobError::Thread { source })),
        RunnerError::Elsewhere { message, hint } => (None, Some(JobError::Elsewhere { message, hint })),
    }
}

fn finished(work: Option<VideoWork<'_>>) -> Result<Option<Settled>, JobError> {
    Ok(work.map(VideoWork::finish).transpose()?.map(|outcome| Settled::Made(Box::new(outcome))))
}

/// Ends the extraction when a worker panics. Otherwise, the others would wait for that worker forever.
struct EndOnPanic<'a, 'jobs>(&'a Shared<'jobs>);

impl Drop for EndOnPanic<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}

type BoxedRunner<'a> = Box<dyn UnitRunner + Send + 'a>;

/// A worker's runner.
enum Runner<'scope, 'a> {
    Making(ScopedJoinHandle<'scope, Result<BoxedRunner<'a>, JobError>>),
    Made(BoxedRunner<'a>),
}

impl<'a> Runner<'_, 'a> {
    fn made(self) -> Result<BoxedRunner<'a>, JobError> {
        match self {
            Self::Made(runner) => Ok(runner),
            Self::Making(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        }
    }
}

/// The decision about a candidate.
enum Decided {
    Job(Job),
    /// Nothing remains to be done. It has the outcome, if there is one to report.
    Settled(Option<Settled>),
}

enum Task {
    Prepare(usize),
    Work(Assignment),
}

/// Controls the threads of a unit.
struct RangeDispatcher<'a, 'jobs> {
    shared: &'a Shared<'jobs>,
    video: usize,
    range: RangeId,
}

impl Dispatcher for RangeDispatcher<'_, '_> {
    fn after_segment(&self, is_as_indexed: bool) -> AfterSegment {
        let mut board = self.shared.board();
        if self.shared.crew.interrupt.is_requested() {
            board.schedule.stop();
        }
        let segment = board.schedule.current(self.range);
        let after = board.schedule.after_segment(self.range, is_as_indexed);
        if !is_as_indexed && after != AfterSegment::Void {
            self.shared.has_changed.notify_all();
            // Parts after this segment were numbered with a wrong index.
            let Some(label) = board.videos[self.video].as_ref().map(|work| work.job().label.clone()) else {
                return after;
            };
            if let Err(error) = segments::remove_segments_from(self.shared.crew.layout, &label, segment + 1) {
                tracing::warn!("cannot remove invalid parts: {error}");
            }
        }
        after
    }

    fn is_wanted(&self) -> bool {
        !self.shared.is_over.load(Ordering::Relaxed) && !self.shared.board().schedule.is_void(self.range)
    }

    fn in_turn(&self, seal: &mut dyn FnMut() -> Result<(), StoreError>) -> Result<(), StoreError> {
        let _turn = self.shared.sealing.lock().unwrap_or_else(PoisonError::into_inner);
        seal()
    }

    fn on_frame(&self) {
        self.shared.crew.reporter.on(&Event::FrameDone { video: self.video });
    }
}
