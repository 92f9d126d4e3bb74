//! What a search finds.

use std::ops::Range;

use confab_application::messages::Hit;
use confab_application::ports::{PageRequest, SentKey};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::MessageResponse;
use crate::extract::{Faults, page_request};
use crate::problem::Problem;

/// What to search for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// Words, phrases in double quotes, and `from:` (a user's id, or `me`), `in:` (a conversation's id), `before:` and
    /// `after:` (a date, or a time of RFC 3339), each once. At least one word.
    #[param(min_length = 1, max_length = 500, example = "engine \"difference engine\" after:2026-01-31")]
    pub(crate) q: String,
    /// A `next_cursor` or `previous_cursor` of this list. Keep `q` as it was.
    cursor: Option<String>,
    /// The most messages of a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
}

impl SearchQuery {
    /// Which page is asked for, or every parameter that is wrong.
    pub(crate) fn page(&self) -> Result<PageRequest<SentKey>, Problem> {
        let mut faults = Faults::default();
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        Ok(page)
    }
}

/// A message that was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct HitResponse {
    /// The message.
    message: MessageResponse,
    /// Where in its body the words are, in order and without overlap.
    highlights: Vec<HighlightResponse>,
}

/// Part of a body, in code points: as `Array.from(body)` counts in JavaScript, and `len` in Python.
#[derive(Serialize, ToSchema)]
pub(crate) struct HighlightResponse {
    /// The first code point.
    #[schema(example = 4)]
    start: usize,
    /// The one after the last.
    #[schema(example = 10)]
    end: usize,
}

impl From<Range<usize>> for HighlightResponse {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

impl From<Hit> for HitResponse {
    fn from(hit: Hit) -> Self {
        Self { message: hit.view.into(), highlights: hit.ranges.into_iter().map(Into::into).collect() }
    }
}

/// Part of what was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct HitPage {
    /// The messages, the newest first. A page may have fewer than `limit`, and even none, though others follow: what counts
    /// is `next_cursor`.
    pub(crate) items: Vec<HitResponse>,
    /// Gets what follows; none at the end.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Gets what comes before; none at the start.
    #[schema(required = true)]
    pub(crate) previous_cursor: Option<String>,
}
