//! How much work a password is.

use std::num::NonZero;
use std::thread;

use argon2::Params;

/// How passwords are hashed, and how many at once. The default is the first choice of OWASP's Password Storage Cheat
/// Sheet for a server: 19 MiB, 2 passes, 1 lane.
///
/// Existing hashes carry their own parameters and stay good when these change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Settings {
    /// Memory for one hash, in KiB: from 8 for each lane to [`Argon2Settings::MAX_MEMORY_KIB`].
    pub memory_kib: u32,
    /// Passes over that memory: from 1 to [`Argon2Settings::MAX_ITERATIONS`].
    pub iterations: u32,
    /// Lanes: from 1 to [`Argon2Settings::MAX_PARALLELISM`]. They change the hash; all run on one thread.
    pub parallelism: u32,
    /// Passwords hashed at once, each on a thread of its own: at most [`Argon2Settings::MAX_THREADS`]; 0 for a quarter of
    /// the machine's cores, and at least one.
    pub threads: usize,
    /// Passwords that may wait for a thread: from 1 to [`Argon2Settings::MAX_QUEUE`]. One more is refused as busy.
    pub queue: usize,
}

impl Default for Argon2Settings {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, iterations: 2, parallelism: 1, threads: 0, queue: 64 }
    }
}

impl Argon2Settings {
    /// The most memory for one hash, in KiB: 4 GiB.
    pub const MAX_MEMORY_KIB: u32 = 4 * 1024 * 1024;
    /// The most passes.
    pub const MAX_ITERATIONS: u32 = 1000;
    /// The most lanes.
    pub const MAX_PARALLELISM: u32 = 64;
    /// The most threads.
    pub const MAX_THREADS: usize = 256;
    /// The most passwords that may wait.
    pub const MAX_QUEUE: usize = 65_536;

    /// Whether one hash is less work than each of the choices that OWASP gives for Argon2id, all of which take at least
    /// 7 MiB of memory and come to at least 35 MiB of memory written.
    pub const fn is_weak(&self) -> bool {
        self.memory_kib < 7 * 1024 || (self.memory_kib as u64) * (self.iterations as u64) < 35 * 1024
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`SettingsError::OutOfRange`] for the first that is outside its range.
    pub fn check(&self) -> Result<(), SettingsError> {
        range("parallelism", u64::from(self.parallelism), 1, u64::from(Self::MAX_PARALLELISM))?;
        let least_memory = 8 * u64::from(self.parallelism);
        range("memory_kib", u64::from(self.memory_kib), least_memory, u64::from(Self::MAX_MEMORY_KIB))?;
        range("iterations", u64::from(self.iterations), 1, u64::from(Self::MAX_ITERATIONS))?;
        range("threads", self.threads as u64, 0, Self::MAX_THREADS as u64)?;
        range("queue", self.queue as u64, 1, Self::MAX_QUEUE as u64)
    }

    /// How many threads there will be.
    pub(super) fn thread_count(&self) -> usize {
        match self.threads {
            // With half of them, a flood of log-ins makes the slowest messages three times as slow (docs/performance.md).
            0 => thread::available_parallelism().map_or(1, NonZero::get).div_ceil(4).min(Self::MAX_THREADS),
            threads => threads,
        }
    }

    /// The parameters of a hash.
    pub(super) fn params(&self) -> Result<Params, SettingsError> {
        self.check()?;
        Params::new(self.memory_kib, self.iterations, self.parallelism, None).map_err(SettingsError::Refused)
    }
}

fn range(key: &'static str, actual: u64, min: u64, max: u64) -> Result<(), SettingsError> {
    if (min..=max).contains(&actual) { Ok(()) } else { Err(SettingsError::OutOfRange { key, min, max, actual }) }
}

/// Why there is no hasher with these settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A setting is outside its range.
    #[error("{key} must be from {min} to {max}, but is {actual}")]
    OutOfRange {
        /// The field of [`Argon2Settings`].
        key: &'static str,
        /// The least that is allowed.
        min: u64,
        /// The most that is allowed.
        max: u64,
        /// What was given.
        actual: u64,
    },
    /// Argon2 has no such parameters.
    #[error("Argon2 refuses these parameters: {0}")]
    Refused(argon2::Error),
    /// The system gives no more threads.
    #[error("the threads that hash passwords cannot be started: {0}")]
    Threads(std::io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_owasp_s() {
        let Argon2Settings { memory_kib, iterations, parallelism, .. } = Argon2Settings::default();
        assert_eq!((memory_kib, iterations, parallelism), (19_456, 2, 1));
        assert!(!Argon2Settings::default().is_weak());
        assert!(Argon2Settings { iterations: 1, ..Argon2Settings::default() }.is_weak());
    }

    #[test]
    fn each_of_owasp_s_choices_is_strong_and_less_is_weak() {
        let weak =
            |memory_kib, iterations| Argon2Settings { memory_kib, iterations, ..Argon2Settings::default() }.is_weak();
        for (mebibytes, passes) in [(46, 1), (19, 2), (12, 3), (9, 4), (7, 5)] {
            assert!(!weak(mebibytes * 1024, passes), "{mebibytes} MiB, {passes} passes");
            assert!(weak(mebibytes * 1024, passes - 1), "{mebibytes} MiB, one pass less");
        }
        assert!(weak(1024, 1000), "many passes over little memory are cheap on many cores");
    }

    #[test]
    fn what_is_out_of_range_is_named_with_its_limits() {
        let good = Argon2Settings::default();
        for (bad, message) in [
            (Argon2Settings { memory_kib: 7, ..good }, "memory_kib must be from 8 to 4194304, but is 7"),
            (
                Argon2Settings { memory_kib: 31, parallelism: 4, ..good },
                "memory_kib must be from 32 to 4194304, but is 31",
            ),
            (Argon2Settings { iterations: 0, ..good }, "iterations must be from 1 to 1000, but is 0"),
            (Argon2Settings { parallelism: 0, ..good }, "parallelism must be from 1 to 64, but is 0"),
            (Argon2Settings { parallelism: u32::MAX, ..good }, "parallelism must be from 1 to 64, but is 4294967295"),
            (Argon2Settings { threads: 257, ..good }, "threads must be from 0 to 256, but is 257"),
            (Argon2Settings { queue: 0, ..good }, "queue must be from 1 to 65536, but is 0"),
        ] {
            assert_eq!(bad.check().unwrap_err().to_string(), message);
        }
    }
}
