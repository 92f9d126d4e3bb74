//! Runs one case.

use std::time::Duration;

use tokio::runtime::Builder;

use crate::Adapter;

/// How long a case may take, its fresh store included. Something hangs that takes longer.
pub const DEADLINE: Duration = Duration::from_secs(120);

/// Runs a case on a fresh store, and drops its guard when the case is over.
///
/// # Panics
/// Where the case fails or hangs.
pub fn run<Storage, Guard, Fresh, Case>(fresh: impl FnOnce() -> Fresh, case: impl FnOnce(Adapter) -> Case)
where
    Storage: Into<Adapter>,
    Fresh: Future<Output = (Storage, Guard)>,
    Case: Future<Output = ()>,
{
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let outcome = runtime.block_on(async {
        tokio::time::timeout(DEADLINE, async {
            let (storage, _guard) = fresh().await;
            case(storage.into()).await;
        })
        .await
    });
    // What hangs must not keep the failure from being told.
    runtime.shutdown_background();
    assert!(outcome.is_ok(), "the case hangs: it has taken {DEADLINE:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    // The suite on the real adapters would not notice if cases were never run.
    #[test]
    #[should_panic = "a case that fails"]
    fn a_failing_case_fails() {
        let fresh = || async { (std::sync::Arc::new(confab_memory::MemoryStore::new()), ()) };
        run(fresh, |_| async { panic!("a case that fails") });
    }
}
