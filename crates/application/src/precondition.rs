//! What whoever edits believes that they edit.

/// The tags of the states that an edit is for (`If-Match`). Whoever gives none edits whatever is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Any state.
    #[default]
    Any,
    /// One of these.
    Tags(Vec<String>),
}

impl Precondition {
    /// Whether the edit is for the state with this tag.
    pub fn admits(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|given| given == tag),
        }
    }
}
