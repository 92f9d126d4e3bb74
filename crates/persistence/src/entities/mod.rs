//! The tables, and what their rows mean to the domain: one conversion for each.

pub(crate) mod audit_event;
pub(crate) mod block;
pub(crate) mod conversation;
pub(crate) mod details;
pub(crate) mod event;
pub(crate) mod former_participant;
pub(crate) mod hidden_message;
pub(crate) mod mail;
pub(crate) mod mailtoken;
pub(crate) mod message;
pub(crate) mod metadata;
pub(crate) mod participant;
pub(crate) mod reaction;
pub(crate) mod reaction_kind;
pub(crate) mod report;
pub(crate) mod revision;
pub(crate) mod row;
pub(crate) mod session;
pub(crate) mod user;
