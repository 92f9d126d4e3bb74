//! A fixed number of threads for work that takes long and much memory.
//!
//! An async runtime's own pool for blocking work grows with the load, and its memory with it. This one does not: what
//! it cannot take is refused.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;

/// Something to do on one of the threads.
type Job = Box<dyn FnOnce() + Send>;

/// The threads, and the queue in front of them. When it is dropped, each thread ends after the job it is at.
pub(super) struct Pool {
    queue: SyncSender<Job>,
}

/// Why something was not done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PoolError {
    /// The queue is full.
    Full,
    /// The job panicked, or there is no thread left.
    Broken,
}

impl Pool {
    /// Starts the threads.
    pub(super) fn new(name: &str, threads: usize, queue: usize) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(queue);
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..threads {
            let receiver = Arc::clone(&receiver);
            thread::Builder::new().name(format!("{name}-{number}")).spawn(move || work(&receiver))?;
        }
        Ok(Self { queue: sender })
    }

    /// Does something on one of the threads. When nobody waits for the outcome any more by the time that a thread is
    /// free, it is not done.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let (reply, outcome) = oneshot::channel();
        let job = Box::new(move || {
            if !reply.is_closed() {
                // Whoever asked may have left meanwhile.
                let _ = reply.send(job());
            }
        });
        self.queue.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => PoolError::Full,
            TrySendError::Disconnected(_) => PoolError::Broken,
        })?;
        outcome.await.map_err(|_| PoolError::Broken)
    }
}

/// How far these threads stand back behind those that serve, as `nice` counts: those get some nine times as much of a core
/// that both want.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// On Linux each thread has a priority of its own; elsewhere it stays as it is.
fn stand_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::warn!(%error, "the threads that hash passwords have the same priority as those that serve");
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    stand_back();
    loop {
        // In a statement of its own, so that the lock is not held while the job is done.
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            // A panic has dropped the reply, which tells the one who waits for it; the thread goes on.
            Ok(job) => drop(catch_unwind(AssertUnwindSafe(job))),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn never_more_at_once_than_there_are_threads() {
        let pool = Arc::new(Pool::new("test", 3, 100).unwrap());
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        // Each job waits until three are at work, or it is the last one: fewer than three at once would hang here.
        let rendezvous = Arc::new(std::sync::Barrier::new(3));
        let jobs: Vec<_> = (0..60)
            .map(|_| {
                let (pool, now, most, rendezvous) =
                    (Arc::clone(&pool), Arc::clone(&now), Arc::clone(&most), Arc::clone(&rendezvous));
                tokio::spawn(async move {
                    let job = move || {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        rendezvous.wait();
                        now.fetch_sub(1, Ordering::SeqCst);
                    };
                    pool.run(job).await
                })
            })
            .collect();
        for job in jobs {
            assert_eq!(job.await.unwrap(), Ok(()));
        }
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn what_the_queue_cannot_hold_is_refused_at_once() {
        let pool = Arc::new(Pool::new("test", 1, 2).unwrap());
        let (started, has_started) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let busy = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move {
                let job = move || {
                    started.send(()).unwrap();
                    released.recv().unwrap();
                };
                pool.run(job).await
            }
        });
        while has_started.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        let mut waiting: Vec<_> = (1..=2).map(|number| Box::pin(pool.run(move || number))).collect();
        for job in &mut waiting {
            // Polled once, so that it is in the queue.
            assert!(poll_once(job).await.is_none());
        }
        assert_eq!(pool.run(|| 3).await, Err(PoolError::Full));
        release.send(()).unwrap();
        assert_eq!(busy.await.unwrap(), Ok(()));
        for (job, number) in waiting.into_iter().zip(1..) {
            assert_eq!(job.await, Ok(number));
        }
        assert_eq!(pool.run(|| 4).await, Ok(4));
    }

    /// The outcome, if it is there by now.
    async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = future => Some(output),
            () = std::future::ready(()) => None,
        }
    }

    #[tokio::test]
    async fn a_panic_harms_only_its_own_job() {
        let pool = Pool::new("test", 1, 8).unwrap();
        assert_eq!(pool.run(|| panic!("as the test wants it")).await, Err::<(), _>(PoolError::Broken));
        assert_eq!(pool.run(|| "still here").await, Ok("still here"));
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_done() {
        let pool = Pool::new("test", 1, 8).unwrap();
        let (release, released) = mpsc::channel::<()>();
        let mut first = Box::pin(pool.run(move || released.recv()));
        assert!(poll_once(&mut first).await.is_none());
        let done = Arc::new(AtomicUsize::new(0));
        let mut abandoned = Box::pin(pool.run({
            let done = Arc::clone(&done);
            move || done.fetch_add(1, Ordering::SeqCst)
        }));
        assert!(poll_once(&mut abandoned).await.is_none());
        drop(abandoned);
        release.send(()).unwrap();
        first.await.unwrap().unwrap();
        // The only thread takes jobs in order, so by the end of this one the abandoned one is past.
        pool.run(|| ()).await.unwrap();
        assert_eq!(done.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn dropping_the_pool_ends_its_threads() {
        let (sender, receiver) = sync_channel::<Job>(4);
        let receiver = Mutex::new(receiver);
        let pool = Pool { queue: sender };
        let thread = thread::spawn(move || work(&receiver));
        assert_eq!(pool.run(|| 1).await, Ok(1));
        drop(pool);
        thread.join().unwrap();
    }
}
