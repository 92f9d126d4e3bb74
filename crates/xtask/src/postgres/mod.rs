//! A throw-away PostgreSQL server for the tests.

pub mod guard;

pub use confab_test_postgres::Programs;
