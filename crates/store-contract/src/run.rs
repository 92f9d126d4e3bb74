//! Runs one case.

use std::sync::Arc;
use std::time::Duration;

use confab_application::ports::Store;
use tokio::runtime::Builder;

/// How long a case may take, its fresh store included. Something hangs that takes longer.
pub const DEADLINE: Duration = Duration::from_secs(120);

/// Runs a case on a fresh store, and drops its guard when the case is over.
///
/// # Panics
/// Where the case fails or hangs.
pub fn run<Guard, Fresh, Case>(fresh: impl FnOnce() -> Fresh, case: impl FnOnce(Arc<dyn Store>) -> Case)
where
    Fresh: Future<Output = (Arc<dyn Store>, Guard)>,
    Case: Future<Output = ()>,
{
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let outcome = runtime.block_on(async {
        tokio::time::timeout(DEADLINE, async {
            let (store, _guard) = fresh().await;
            case(store).await;
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
        let fresh = || async { (Arc::new(confab_memory::MemoryStore::new()) as Arc<dyn Store>, ()) };
        run(fresh, |_| async { panic!("a case that fails") });
    }
}
