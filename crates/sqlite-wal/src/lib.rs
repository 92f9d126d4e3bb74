//! Has SQLite write its write-ahead log in few pieces.
//!
//! SQLite writes each page of the log by two calls to the system, of which one is for 24 bytes: for a batch of messages these take more
//! time than the disk. [`register`] gives it a [VFS](https://www.sqlite.org/vfs.html) that is the system's but for this: what is
//! written to a log is gathered, and written to the file with the frame that ends a transaction, or before
//! anything else is done with the file. So whatever a reader may look for is in the file, and in it before it is synced. A
//! frame without such an end is read by nobody but the connection that has written it, nor by a recovery.

mod file;
mod vfs;

pub use vfs::{RegisterError, register};
