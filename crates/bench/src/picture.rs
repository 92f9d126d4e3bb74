//! The picture of the README, drawn from the JSON.
