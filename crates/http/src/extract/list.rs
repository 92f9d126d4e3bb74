//! The parameters that lists share.

use confab_application::FieldError;
use confab_application::ports::{Limit, PageRequest};
use confab_domain::ValueError;

use crate::cursor::{self, CursorKey};
use crate::problem::Problem;

/// The faults of query parameters found so far, so that all are told at once.
#[derive(Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    /// The value of a parameter; a fault only where it is there and wrong.
    pub(crate) fn take<S, T>(
        &mut self,
        name: &str,
        given: Option<S>,
        parse: impl FnOnce(S) -> Result<T, ValueError>,
    ) -> Option<T> {
        parse(given?).map_err(|error| self.0.push(FieldError::of_value(name, &error))).ok()
    }

    /// The faults as a problem, if there are any.
    pub(crate) fn check(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::in_query(self.0)) }
    }
}

/// How many items `limit` asks for.
pub(crate) fn page_limit(faults: &mut Faults, limit: Option<i64>) -> Limit {
    let limit = faults.take("limit", limit, |items| {
        let limit = usize::try_from(items).ok().and_then(Limit::new);
        limit.ok_or(ValueError::OutOfRange { min: 1, max: Limit::MAX as u64 })
    });
    limit.unwrap_or(Limit::DEFAULT)
}

/// The page that `limit` and `cursor` ask for.
pub(crate) fn page_request<K: CursorKey>(
    faults: &mut Faults,
    limit: Option<i64>,
    cursor: Option<&str>,
) -> PageRequest<K> {
    let limit = page_limit(faults, limit);
    let position = faults.take("cursor", cursor, |text| {
        let expected = "a next_cursor or previous_cursor that this list has given";
        cursor::decode(text).ok_or(ValueError::Malformed { expected })
    });
    PageRequest { limit, position }
}
