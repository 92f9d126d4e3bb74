//! The VFS.

use std::ffi::{CStr, c_int};
use std::ptr;
use std::sync::OnceLock;

use libsqlite3_sys as ffi;

use crate::file;

/// SQLite has no VFS that gathers.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub enum RegisterError {
    /// There is none of the system, whose files it would write.
    #[error("SQLite has no VFS for this system")]
    NoSystem,
    /// SQLite refuses it, with this result code.
    #[error("SQLite refuses a VFS (code {0})")]
    Refused(c_int),
}

/// The system's VFS.
struct System(*mut ffi::sqlite3_vfs);

// SAFETY: all threads use it. It is there for ever, and nobody writes to it.
unsafe impl Send for System {}
// SAFETY: as above.
unsafe impl Sync for System {}

static SYSTEM: OnceLock<System> = OnceLock::new();

/// Makes the VFS known to SQLite, if it is not yet, and returns the name by which a connection asks for it.
///
/// # Errors
/// Where SQLite has none of the system, or refuses this one.
pub fn register() -> Result<&'static str, RegisterError> {
    const NAME: &CStr = c"confab";
    static REGISTERED: OnceLock<Result<(), RegisterError>> = OnceLock::new();
    (*REGISTERED.get_or_init(|| register_as(NAME)))?;
    NAME.to_str().map_err(|_| RegisterError::NoSystem)
}

fn register_as(name: &'static CStr) -> Result<(), RegisterError> {
    // SAFETY: asks for the system's, which SQLite begins with.
    let system = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
    // SAFETY: it is null, or there for ever.
    let methods = unsafe { system.as_ref() }.ok_or(RegisterError::NoSystem)?;
    let vfs = ffi::sqlite3_vfs {
        szOsFile: file::size(methods.szOsFile).ok_or(RegisterError::NoSystem)?,
        pNext: ptr::null_mut(),
        zName: name.as_ptr(),
        xOpen: Some(open),
        ..*methods
    };
    SYSTEM.get_or_init(|| System(system));
    // SAFETY: it lives as long as SQLite wants, for ever. Its other methods are the system's, which find in it what they find in their own.
    match unsafe { ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 0) } {
        ffi::SQLITE_OK => Ok(()),
        code => Err(RegisterError::Refused(code)),
    }
}

/// Opens a file as the system's VFS does. A write-ahead log gathers from then on.
unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    flags_in_use: *mut c_int,
) -> c_int {
    let Some(System(system)) = SYSTEM.get() else { return ffi::SQLITE_CANTOPEN };
    // SAFETY: it is there for ever; what it is given is SQLite's, and has room for one of its files and for what is gathered.
    unsafe {
        let Some(open) = (**system).xOpen else { return ffi::SQLITE_CANTOPEN };
        let code = open(*system, name, file, flags, flags_in_use);
        if code == ffi::SQLITE_OK && flags & ffi::SQLITE_OPEN_WAL != 0 {
            file::gather(file, (**system).szOsFile);
        }
        code
    }
}
