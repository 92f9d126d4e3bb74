//! Reads all fields of an input before it complains, so that every fault is told at once.

use confab_domain::ValueError;

use crate::{Error, FieldError};

/// The faults found so far.
#[derive(Default)]
pub(crate) struct Fields(Vec<FieldError>);

impl Fields {
    /// The value, or nothing and one more fault.
    pub(crate) fn take<T>(&mut self, field: impl Into<String>, value: Result<T, ValueError>) -> Option<T> {
        value.map_err(|error| self.0.push(FieldError::of_value(field, &error))).ok()
    }

    /// The value where there is one; a fault only where it is there and wrong.
    pub(crate) fn take_optional<T>(
        &mut self,
        field: impl Into<String>,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Option<T> {
        self.take(field, parse(text?))
    }

    /// One more fault.
    pub(crate) fn refuse(&mut self, fault: FieldError) {
        self.0.push(fault);
    }

    /// A value that was [taken](Self::take): it is missing only where there is a fault to tell of.
    pub(crate) fn need<T>(&mut self, value: Option<T>) -> Result<T, Error> {
        value.ok_or_else(|| Error::Invalid(std::mem::take(&mut self.0)))
    }

    /// The faults as an error, if there are any.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(std::mem::take(&mut self.0))) }
    }
}
