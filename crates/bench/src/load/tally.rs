//! What came of the requests.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::Key;
use crate::Result;

/// The longest latency that is told apart from longer ones.
const LONGEST: Duration = Duration::from_secs(120);

/// Counts answers while the load runs.
pub struct Tally {
    /// Latencies of the answers of the measurement, in microseconds.
    pub latencies: Histogram<u64>,
    /// Answers that were not what they should be, whenever: how often each, by status and the beginning of its body.
    pub errors: BTreeMap<String, u64>,
    /// Messages that were acknowledged, whenever.
    pub acknowledged: Vec<(Key, u64)>,
}

/// What came of a load.
pub struct Outcome {
    /// The counts.
    pub tally: Tally,
    /// How long it was measured.
    pub window: Duration,
}

impl Tally {
    /// Nothing yet.
    ///
    /// # Errors
    /// Never, with these bounds.
    pub fn new() -> Result<Self> {
        let latencies = Histogram::new_with_bounds(1, LONGEST.as_micros().try_into()?, 3)?;
        Ok(Self { latencies, errors: BTreeMap::new(), acknowledged: Vec::new() })
    }

    /// Counts an answer of the measurement.
    pub fn record(&mut self, latency: Duration) {
        self.latencies.saturating_record(latency.as_micros().try_into().unwrap_or(u64::MAX));
    }

    /// Counts an answer that is not what it should be.
    pub fn fail(&mut self, status: u16, body: &[u8]) {
        let beginning: String = String::from_utf8_lossy(body).chars().take(300).collect();
        // The same problem has another request id each time.
        let kind = beginning.split("\"request_id\"").next().unwrap_or_default();
        *self.errors.entry(format!("{status} {kind}")).or_default() += 1;
    }
}

impl Outcome {
    /// Answers in a second.
    pub fn throughput(&self) -> f64 {
        self.tally.latencies.len() as f64 / self.window.as_secs_f64()
    }

    /// All errors.
    pub fn errors(&self) -> u64 {
        self.tally.errors.values().sum()
    }
}

/// The seq in a message's JSON.
pub(super) fn seq(body: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"\"seq\":";
    let begin = body.windows(NAME.len()).position(|window| window == NAME)? + NAME.len();
    let digits = body[begin..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(None, |number, digit| Some(number.unwrap_or(0) * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seq_of_a_message_is_found() {
        assert_eq!(seq(br#"{"id":"x","seq":120,"body":"y"}"#), Some(120));
        assert_eq!(seq(b"{}"), None);
    }

    #[test]
    fn the_same_problem_is_counted_once_for_each_time() {
        let mut tally = Tally::new().unwrap();
        tally.fail(503, br#"{"title":"busy","request_id":"1"}"#);
        tally.fail(503, br#"{"title":"busy","request_id":"2"}"#);
        assert_eq!(tally.errors.into_values().collect::<Vec<_>>(), [2]);
    }
}
