//! The bridge: a process of Python that submits units to the engine and returns their results.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::address::ClusterAddress;
use super::error::ClusterError;
use super::lines::{Begin, Done, Failed, FromBridge, Ready, Task, ToBridge};

/// The time between two looks at whether a unit is still wanted.
const PAUSE: Duration = Duration::from_millis(200);

/// The time that the bridge has to end by itself.
const TIME_TO_END: Duration = Duration::from_secs(10);

/// The interpreter that runs the bridge.
#[derive(Debug, Clone)]
pub(crate) struct Python {
    /// The program.
    pub(crate) program: PathBuf,
    /// A folder with posekit's package that is not installed.
    pub(crate) package_folder: Option<PathBuf>,
}

/// The answer to a unit.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// The unit is done.
    Done(Done),
    /// The unit failed.
    Failed(Failed),
    /// The unit was not wanted any more.
    Canceled,
}

/// A running bridge. Dropping it cancels all units and ends it.
pub(crate) struct Bridge {
    child: Child,
    stdin: Mutex<Option<ChildStdin>>,
    mail: Arc<Mutex<Mail>>,
    ready: Ready,
}

/// The answers that are waited for.
#[derive(Default)]
struct Mail {
    next_id: u64,
    waiting: HashMap<u64, Sender<Answer>>,
    /// Why no more answers will come, and what the user can do.
    ended: Option<(String, Option<String>)>,
    /// The last lines that the bridge wrote for people.
    remarks: Vec<String>,
}

impl Mail {
    const MAX_REMARKS: usize = 4;

    fn remark(&mut self, line: String) {
        self.remarks.push(line);
        if self.remarks.len() > Self::MAX_REMARKS {
            self.remarks.remove(0);
        }
    }

    /// Ends all waiting.
    fn end(&mut self, message: &str) {
        let remarks = self.remarks.join("; ");
        self.ended.get_or_insert((if remarks.is_empty() { message.to_owned() } else { remarks }, None));
        self.waiting.clear();
    }
}

impl Bridge {
    /// Starts the bridge and waits until it has asked every machine what it has.
    ///
    /// # Errors
    /// Python cannot be started, the package is missing, or the cluster cannot be reached.
    pub(crate) fn start(
        python: &Python,
        address: &ClusterAddress,
        begin: &Begin,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Self, ClusterError> {
        let failed = |source: std::io::Error| ClusterError::Start { python: python.program.clone(), source };
        let mut child = command(python, address).spawn().map_err(failed)?;
        let mail = Arc::new(Mutex::new(Mail::default()));
        let (announce, ready) = bounded(1);
        if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
            let (of_stdout, of_stderr) = (Arc::clone(&mail), Arc::clone(&mail));
            let named = |name: &str| std::thread::Builder::new().name(name.to_owned());
            named("bridge").spawn(move || read_answers(stdout, &of_stdout, &announce)).map_err(failed)?;
            named("bridge-log").spawn(move || read_remarks(stderr, &of_stderr)).map_err(failed)?;
        }
        let stdin = Mutex::new(child.stdin.take());
        let nothing = Ready { engine: String::new(), dashboard: None, nodes: Vec::new() };
        let mut bridge = Self { child, stdin, mail, ready: nothing };
        bridge.say(&ToBridge::Begin(begin))?;
        bridge.ready = bridge.wait(&ready, is_wanted)?.unwrap_or_else(|| bridge.ready.clone());
        Ok(bridge)
    }

    /// The cluster as it was when the bridge started.
    #[must_use]
    pub(crate) fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Lets the cluster do a unit, and waits for it.
    ///
    /// # Errors
    /// The bridge has ended. A unit that failed is an answer.
    pub(crate) fn run(&self, task: &Task, is_wanted: &dyn Fn() -> bool) -> Result<Answer, ClusterError> {
        let (sender, answer) = bounded(1);
        let id = {
            let mut mail = self.mail();
            mail.next_id += 1;
            let id = mail.next_id;
            if mail.ended.is_none() {
                mail.waiting.insert(id, sender);
            }
            id
        };
        self.say(&ToBridge::Submit { id, task })?;
        if let Some(answer) = self.wait(&answer, is_wanted)? {
            return Ok(answer);
        }
        self.mail().waiting.remove(&id);
        self.say(&ToBridge::Cancel(id))?;
        Ok(Answer::Canceled)
    }

    /// Waits for a message. Returns `None` if it is not wanted any more.
    fn wait<T>(&self, messages: &Receiver<T>, is_wanted: &dyn Fn() -> bool) -> Result<Option<T>, ClusterError> {
        loop {
            match messages.recv_timeout(PAUSE) {
                Ok(message) => return Ok(Some(message)),
                Err(RecvTimeoutError::Timeout) if is_wanted() => {}
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
            }
        }
    }

    fn ended(&self) -> ClusterError {
        match self.mail().ended.clone() {
            Some((message, Some(hint))) => ClusterError::Refused { message, hint: Some(hint) },
            Some((message, None)) => ClusterError::Ended { message },
            None => ClusterError::Ended { message: "the bridge closed its output".to_owned() },
        }
    }

    fn say(&self, line: &ToBridge<'_>) -> Result<(), ClusterError> {
        let mut text = serde_json::to_string(line).map_err(ClusterError::Line)?;
        text.push('\n');
        let mut stdin = self.stdin.lock().unwrap_or_else(PoisonError::into_inner);
        let written = stdin.as_mut().map(|stdin| stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush()));
        drop(stdin);
        if matches!(written, Some(Ok(()))) {
            return Ok(());
        }
        // The reason arrives on the other pipes.
        std::thread::sleep(PAUSE);
        Err(self.ended())
    }

    fn mail(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        // The bridge may have ended already.
        let _ = self.say(&ToBridge::End {});
        *self.stdin.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let started = Instant::now();
        while started.elapsed() < TIME_TO_END {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(python: &Python, address: &ClusterAddress) -> Command {
    let mut command = Command::new(&python.program);
    command.args(["-m", "posekit.bridge", "--engine", address.engine()]);
    if let Some(address) = address.address() {
        command.args(["--address", address]);
    }
    if let Some(folder) = &python.package_folder {
        let mut path = OsString::from(folder);
        if let Some(others) = std::env::var_os("PYTHONPATH").filter(|others| !others.is_empty()) {
            path.push(":");
            path.push(others);
        }
        command.env("PYTHONPATH", path);
    }
    // On this machine, the bridge's workers are this very program.
    if let Ok(program) = std::env::current_exe() {
        command.env("POSEKIT_PROGRAM", program);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn read_answers(stdout: ChildStdout, mail: &Mutex<Mail>, announce: &Sender<Ready>) {
    let mut message = "the bridge closed its output".to_owned();
    for line in BufReader::new(stdout).lines() {
        let Ok(line) = line else { break };
        let mut mail = mail.lock().unwrap_or_else(PoisonError::into_inner);
        let (id, answer) = match serde_json::from_str(&line) {
            Ok(FromBridge::Ready(ready)) => {
                // Nobody waits any more if the user has interrupted.
                let _ = announce.try_send(ready);
                continue;
            }
            Ok(FromBridge::Started(_) | FromBridge::Nodes(_)) => continue,
            Ok(FromBridge::Done { id, done }) => (id, Answer::Done(done)),
            Ok(FromBridge::Failed { id: Some(id), failed }) => (id, Answer::Failed(failed)),
            Ok(FromBridge::Failed { id: None, failed }) => {
                mail.ended = Some((failed.message, failed.hint.or(Some("docs/SCALE.md".to_owned()))));
                continue;
            }
            Err(error) => {
                message = ClusterError::Line(error).to_string();
                break;
            }
        };
        if let Some(waiting) = mail.waiting.remove(&id) {
            let _ = waiting.send(answer);
        }
    }
    mail.lock().unwrap_or_else(PoisonError::into_inner).end(&message);
}

fn read_remarks(stderr: ChildStderr, mail: &Mutex<Mail>) {
    for line in BufReader::new(stderr).lines() {
        let Ok(line) = line else { return };
        tracing::debug!("bridge: {line}");
        if !line.trim().is_empty() {
            mail.lock().unwrap_or_else(PoisonError::into_inner).remark(line);
        }
    }
}
