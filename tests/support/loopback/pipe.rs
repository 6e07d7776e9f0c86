//! The listener. Its connections can be told to stop for a while in the middle of a body, or to break off there, as real ones do.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;

/// What happens to the body of the next answer on a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    /// After this many bytes of the body nothing more comes, and the connection ends.
    CutAfter(usize),
    /// After this many bytes of the body nothing comes for a while.
    PauseAfter(usize, Duration),
}

/// A handler's grip on the connection that it answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Arc<Mutex<Option<Trouble>>>);

impl Line {
    /// Plans trouble for the answer about to be sent.
    pub(crate) fn plan(&self, trouble: Trouble) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
    }

    fn planned(&self) -> Option<Trouble> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Connected<IncomingStream<'_, Door>> for Line {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().line.clone()
    }
}

/// The listener.
pub(crate) struct Door(pub(crate) TcpListener);

impl Listener for Door {
    type Io = Pipe;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Pipe, SocketAddr) {
        loop {
            if let Ok((stream, address)) = self.0.accept().await {
                // An answer in several small writes shall not wait for acknowledgments. Without it, it is slower only.
                let _ = stream.set_nodelay(true);
                return (Pipe { stream, line: Line::default(), state: Progress::Head, pause: None }, address);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Where an answer in trouble is.
#[derive(Debug, Clone, Copy)]
enum Progress {
    /// In its head.
    Head,
    /// In its body, with this many bytes to go before the trouble.
    Body(usize),
    /// Cut.
    Cut,
}

/// A connection.
pub(crate) struct Pipe {
    stream: TcpStream,
    line: Line,
    state: Progress,
    pause: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(pause) = &mut self.pause {
            if pause.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.pause = None;
        }
        let Some(trouble) = self.line.planned() else {
            return Pin::new(&mut self.stream).poll_write(context, buffer);
        };
        let before = match trouble {
            Trouble::CutAfter(n_bytes) | Trouble::PauseAfter(n_bytes, _) => n_bytes,
        };
        let allowed = match self.state {
            Progress::Cut => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            Progress::Body(left) => left.min(buffer.len()),
            // The head is short: the server writes it at once.
            Progress::Head => match buffer.windows(4).position(|end| end == b"\r\n\r\n") {
                Some(end) => {
                    self.state = Progress::Body(end + 4 + before);
                    (end + 4 + before).min(buffer.len())
                }
                None => buffer.len(),
            },
        };
        if allowed == 0 {
            return self.strike(trouble, context, buffer);
        }
        let written = Pin::new(&mut self.stream).poll_write(context, &buffer[..allowed]);
        if let (Poll::Ready(Ok(n_bytes)), Progress::Body(left)) = (&written, self.state) {
            self.state = Progress::Body(left - n_bytes);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Pipe {
    /// The trouble itself.
    fn strike(
        mut self: Pin<&mut Self>,
        trouble: Trouble,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        match trouble {
            Trouble::CutAfter(_) => {
                self.state = Progress::Cut;
                Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
            }
            Trouble::PauseAfter(_, time) => {
                self.line.clear();
                self.state = Progress::Head;
                self.pause = Some(Box::pin(tokio::time::sleep(time)));
                self.poll_write(context, buffer)
            }
        }
    }
}
