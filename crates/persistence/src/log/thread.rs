//! A thread for one writer.

use std::convert::Infallible;
use std::{io, thread};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A thread that runs tasks, and their connections with them, until this is dropped. On the threads that serve requests a
/// batch would wait for its turn after each answer of the database, and each answer would come to one thread and be
/// wanted by another.
pub(super) struct Thread {
    pub(super) handle: Handle,
    _ends_when_dropped: oneshot::Sender<Infallible>,
}

impl Thread {
    /// Starts it.
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (sender, dropped) = oneshot::channel();
        thread::Builder::new().name("message-log".to_owned()).spawn(move || {
            let _ = runtime.block_on(dropped);
        })?;
        Ok(Self { handle, _ends_when_dropped: sender })
    }
}
