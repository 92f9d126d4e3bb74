//! Waits to the microsecond. tokio's own timer goes by whole milliseconds, which would be in every latency.

use std::io;
use std::os::fd::{AsFd as _, AsRawFd, RawFd};
use std::time::Instant;

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use tokio::io::unix::AsyncFd;

/// A timer of the kernel.
pub(super) struct Alarm(AsyncFd<Timer>);

struct Timer(TimerFd);

impl AsRawFd for Timer {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

impl Alarm {
    /// A timer that is not set.
    #[expect(
        deprecated,
        reason = "what replaces it is unsafe; the descriptor is the timer's own for as long as it lives"
    )]
    pub(super) fn new() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        Ok(Self(AsyncFd::new(Timer(TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?))?))
    }

    /// Waits until this moment.
    pub(super) async fn wait_until(&self, moment: Instant) -> io::Result<()> {
        loop {
            let rest = moment.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return Ok(());
            }
            let expiration = Expiration::OneShot(TimeSpec::from_duration(rest));
            self.0.get_ref().0.set(expiration, TimerSetTimeFlags::empty())?;
            self.0.readable().await?.clear_ready();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn it_does_not_come_early() {
        let alarm = Alarm::new().unwrap();
        for micros in [0, 150, 2500] {
            let moment = Instant::now() + Duration::from_micros(micros);
            alarm.wait_until(moment).await.unwrap();
            assert!(Instant::now() >= moment);
        }
    }
}
