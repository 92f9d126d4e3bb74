//! A write-ahead log that gathers what is written. Its format: <https://www.sqlite.org/fileformat2.html#walformat>.

use std::ffi::{c_int, c_void};
use std::{ptr, slice};

use libsqlite3_sys as ffi;

/// So many bytes are gathered at the most: SQLite's own VFS writes less than 128 KiB at once.
const MOST: usize = 120 << 10;

/// How many bytes are before each page of the log. The four from the fifth on are zero, but where a transaction ends with the page.
const FRAME_HEADER: usize = 24;

/// What a log has behind the file of the system's VFS. SQLite has the address of its first field, as that of the file's methods.
#[repr(C)]
struct Gathered {
    /// The system's, but for those of this module.
    methods: ffi::sqlite3_io_methods,
    /// The system's.
    system: *const ffi::sqlite3_io_methods,
    /// Where in the file these bytes belong.
    start: i64,
    bytes: Vec<u8>,
    /// Whether a transaction ends with the page of the last header.
    commits: bool,
}

/// Where behind a file of this size another thing may begin.
const fn padded(system_size: c_int) -> usize {
    (system_size.unsigned_abs() as usize).next_multiple_of(align_of::<Gathered>())
}

/// How much room a file is to have, if the system's VFS wants so much of it.
pub(crate) fn size(system_size: c_int) -> Option<c_int> {
    c_int::try_from(padded(system_size) + size_of::<Gathered>()).ok()
}

/// Has a file gather what is written to it.
///
/// # Safety
/// The system's VFS, which wants so much room for a file, has opened it, and it has the room that [`size`] tells.
pub(crate) unsafe fn gather(file: *mut ffi::sqlite3_file, system_size: c_int) {
    // SAFETY: an open file has methods. Behind it is room, and aligned, for SQLite aligns files by eight bytes.
    unsafe {
        let system = (*file).pMethods;
        let methods = ffi::sqlite3_io_methods {
            xClose: Some(close),
            xRead: Some(read),
            xWrite: Some(write),
            xTruncate: Some(truncate),
            xSync: Some(sync),
            xFileSize: Some(file_size),
            ..*system
        };
        let gathered = file.byte_add(padded(system_size)).cast::<Gathered>();
        gathered.write(Gathered { methods, system, start: 0, bytes: Vec::new(), commits: false });
        (*file).pMethods = gathered.cast();
    }
}

/// What is gathered of a file.
///
/// # Safety
/// [`gather`] was called for it, it is open, and nobody else has what this returns: SQLite uses a file by one thread at a time.
unsafe fn gathered<'a>(file: *mut ffi::sqlite3_file) -> &'a mut Gathered {
    // SAFETY: the address is the one that `gather` has left there.
    unsafe { &mut *(*file).pMethods.cast_mut().cast() }
}

impl Gathered {
    /// Takes these bytes if they follow what came before. Any others correct what is in the file, and go there.
    ///
    /// # Safety
    /// This is what is gathered of this open file.
    unsafe fn take(&mut self, file: *mut ffi::sqlite3_file, bytes: &[u8], start: i64) -> c_int {
        let follows = i64::try_from(self.bytes.len()).is_ok_and(|length| self.start + length == start);
        let fits = self.bytes.len() + bytes.len() <= MOST;
        if !follows || !fits {
            // SAFETY: as the caller says.
            let code = unsafe { self.write_out(file) };
            if code != ffi::SQLITE_OK {
                return code;
            }
            self.start = start;
        }
        if self.bytes.try_reserve(bytes.len()).is_err() {
            return ffi::SQLITE_NOMEM;
        }
        self.bytes.extend_from_slice(bytes);
        if bytes.len() == FRAME_HEADER {
            self.commits = bytes[4..8] != [0; 4];
        }
        let ends = self.commits && bytes.len() != FRAME_HEADER;
        if !follows || ends {
            // SAFETY: as the caller says.
            return unsafe { self.write_out(file) };
        }
        ffi::SQLITE_OK
    }

    /// Writes what is gathered. Where that fails, it is forgotten, for SQLite then takes the transaction back, and writes the next one to
    /// the same place.
    ///
    /// # Safety
    /// This is what is gathered of this open file.
    unsafe fn write_out(&mut self, file: *mut ffi::sqlite3_file) -> c_int {
        let Ok(length) = c_int::try_from(self.bytes.len()) else { return ffi::SQLITE_IOERR_WRITE };
        if length == 0 {
            return ffi::SQLITE_OK;
        }
        // SAFETY: the methods are those of the VFS that has opened the file.
        let write = unsafe { (*self.system).xWrite };
        // SAFETY: as above; so many bytes are there.
        let code = write.map_or(ffi::SQLITE_IOERR_WRITE, |write| unsafe {
            write(file, self.bytes.as_ptr().cast(), length, self.start)
        });
        self.start += i64::from(length);
        self.bytes.clear();
        code
    }
}

/// Writes what is gathered, and then has the system's VFS do what it does.
///
/// # Safety
/// As of [`gathered`].
unsafe fn written_out(
    file: *mut ffi::sqlite3_file,
    then: impl FnOnce(&ffi::sqlite3_io_methods) -> Option<c_int>,
) -> c_int {
    // SAFETY: as the caller says; the system's methods are there for ever.
    unsafe {
        match gathered(file).write_out(file) {
            ffi::SQLITE_OK => then(&*gathered(file).system).unwrap_or(ffi::SQLITE_IOERR),
            code => code,
        }
    }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, bytes: *const c_void, length: c_int, start: i64) -> c_int {
    // SAFETY: SQLite gives an open file, and so many bytes.
    unsafe { gathered(file).take(file, slice::from_raw_parts(bytes.cast(), length.unsigned_abs() as usize), start) }
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, bytes: *mut c_void, length: c_int, start: i64) -> c_int {
    // SAFETY: SQLite gives an open file, and room for so many bytes.
    unsafe { written_out(file, |system| Some(system.xRead?(file, bytes, length, start))) }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: SQLite gives an open file.
    unsafe { written_out(file, |system| Some(system.xTruncate?(file, size))) }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite gives an open file.
    unsafe { written_out(file, |system| Some(system.xSync?(file, flags))) }
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: SQLite gives an open file, and where its size is to go.
    unsafe { written_out(file, |system| Some(system.xFileSize?(file, size))) }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite gives an open file, and uses it no more: what is gathered is taken from it, and dropped.
    unsafe {
        let written = gathered(file).write_out(file);
        let Gathered { system, .. } = ptr::read(gathered(file));
        (*file).pMethods = system;
        let closed = (*system).xClose.map_or(ffi::SQLITE_IOERR_CLOSE, |close| close(file));
        if written == ffi::SQLITE_OK { closed } else { written }
    }
}
