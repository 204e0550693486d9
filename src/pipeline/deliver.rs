//! Where outputs go: nothing of a message is visible before its verdict. Outputs grow beside their target and are renamed
//! when they are whole.

use crate::engine::output::{Insert, Lane};
use crate::engine::plan::Plan;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Bytes that are written to standard output at once.
const FLUSH: u64 = 256 << 10;

/// Where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    Stdout,
    /// One file for everything.
    File(PathBuf),
    /// A file for each message, output and key.
    Folder(PathBuf),
}

impl Destination {
    /// What `-o` means for a mapping: a folder when the mapping has `file .. per`, when it ends in `/` or is a folder.
    pub fn of(argument: Option<&str>, has_key: bool) -> Option<Destination> {
        match argument {
            None | Some("-") if has_key => None,
            None | Some("-") => Some(Destination::Stdout),
            Some(path) if has_key || path.ends_with('/') || Path::new(path).is_dir() => {
                Some(Destination::Folder(PathBuf::from(path)))
            }
            Some(path) => Some(Destination::File(PathBuf::from(path))),
        }
    }

    fn folder(&self) -> PathBuf {
        match self {
            Destination::Stdout => std::env::temp_dir(),
            Destination::File(path) if is_special(path) => std::env::temp_dir(),
            Destination::File(path) => {
                path.parent().filter(|it| !it.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_path_buf)
            }
            Destination::Folder(path) => path.clone(),
        }
    }
}

/// What a lane has given so far: in memory, beyond a limit in a file of its own.
#[derive(Default)]
struct Spool {
    memory: Vec<u8>,
    file: Option<NamedTempFile>,
    inserts: Vec<(u64, Vec<u8>)>,
}

/// Takes the lanes of messages to their destination.
pub struct Delivery {
    destination: Destination,
    held_bytes_max: u64,
    extensions: Vec<&'static str>,
    /// The lanes of the current message.
    spools: Vec<Spool>,
    /// What is released, of one destination for everything.
    released: Spool,
    /// Files that are whole, and the names they will have.
    whole: Vec<(NamedTempFile, PathBuf)>,
    stem: String,
    /// A small message with its inserts in their places.
    merged: Vec<u8>,
    holds_input: bool,
    /// The length of `released` when the input began: a refused input is cut back to it.
    input_start: u64,
    input_whole: usize,
    /// Whether anything was released.
    pub released_any: bool,
}

impl Spool {
    fn push(&mut self, bytes: &[u8], folder: &Path, held_bytes_max: u64) -> io::Result<()> {
        if self.file.is_none() && (self.memory.len() + bytes.len()) as u64 > held_bytes_max {
            let mut file = tempfile::Builder::new().prefix(".latimer-").tempfile_in(folder)?;
            file.write_all(&self.memory)?;
            self.memory = Vec::new();
            self.file = Some(file);
        }
        match &mut self.file {
            Some(file) => file.write_all(bytes),
            None => {
                self.memory.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn len(&mut self) -> io::Result<u64> {
        match &mut self.file {
            Some(file) => file.as_file_mut().stream_position(),
            None => Ok(self.memory.len() as u64),
        }
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        match &mut self.file {
            Some(file) => {
                file.as_file_mut().set_len(length)?;
                file.as_file_mut().seek(SeekFrom::Start(length)).map(|_| ())
            }
            None => {
                self.memory.truncate(usize::try_from(length).unwrap_or(usize::MAX));
                Ok(())
            }
        }
    }

    fn clear(&mut self) {
        self.memory.clear();
        self.file = None;
        self.inserts.clear();
    }

    /// Everything in order, the inserts in their places.
    fn merge(&mut self, mut put: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let inserts = std::mem::take(&mut self.inserts);
        if let Some(file) = &mut self.file {
            let file = file.as_file_mut();
            file.seek(SeekFrom::Start(0))?;
            let mut at = 0;
            for (place, bytes) in &inserts {
                copy(file, place - at, &mut put)?;
                put(bytes)?;
                at = *place;
            }
            return copy(file, u64::MAX, &mut put);
        }
        let mut at = 0;
        for (place, bytes) in &inserts {
            let place = usize::try_from(*place).unwrap_or(usize::MAX).min(self.memory.len());
            put(self.memory.get(at..place).unwrap_or_default())?;
            put(bytes)?;
            at = place;
        }
        put(self.memory.get(at..).unwrap_or_default())
    }
}

fn copy(file: &mut File, count: u64, put: &mut impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut block = vec![0; 256 << 10];
    let mut left = count;
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        let read = file.read(block.get_mut(..wanted).unwrap_or_default())?;
        if read == 0 {
            return Ok(());
        }
        put(block.get(..read).unwrap_or_default())?;
        left -= read as u64;
    }
    Ok(())
}

impl Delivery {
    /// Outputs of a plan to a destination.
    pub fn new(destination: Destination, plan: &Plan, extensions: Vec<&'static str>) -> io::Result<Self> {
        if let Destination::Folder(path) = &destination {
            fs::create_dir_all(path)?;
        }
        Ok(Delivery {
            destination,
            held_bytes_max: plan.limits.held_bytes_max,
            extensions,
            spools: Vec::new(),
            released: Spool::default(),
            whole: Vec::new(),
            stem: String::new(),
            merged: Vec::new(),
            holds_input: plan.holds_input,
            input_start: 0,
            input_whole: 0,
            released_any: false,
        })
    }

    /// A new input begins.
    pub fn input(&mut self, stem: String) -> io::Result<()> {
        self.stem = stem;
        self.input_start = self.released.len()?;
        self.input_whole = self.whole.len();
        Ok(())
    }

    /// Takes what lanes have given since the last time; the first of them has this number.
    pub fn take(&mut self, lanes: &mut [Lane], first: usize) -> io::Result<()> {
        let folder = self.destination.folder();
        for (at, lane) in (first..).zip(lanes) {
            if self.spools.len() <= at {
                self.spools.resize_with(at + 1, Spool::default);
            }
            if let Some(spool) = self.spools.get_mut(at) {
                spool.push(&lane.body, &folder, self.held_bytes_max)?;
                lane.taken += lane.body.len() as u64;
                lane.body.clear();
            }
        }
        Ok(())
    }

    /// The message of this number in the input may leave.
    pub fn release(&mut self, lanes: &mut [Lane], number: u64) -> io::Result<()> {
        let folder = self.destination.folder();
        for (at, lane) in lanes.iter_mut().enumerate() {
            let is_folder = matches!(self.destination, Destination::Folder(_));
            if lane.taken == 0 && !is_folder {
                // A small message goes straight to the others.
                self.merged.clear();
                lane.merge(&mut self.merged);
                self.released.push(&self.merged, &folder, self.held_bytes_max)?;
                continue;
            }
            self.take(std::slice::from_mut(lane), at)?;
            let Some(mut spool) = self.spools.get_mut(at).map(std::mem::take) else { continue };
            spool.inserts = lane.inserts.iter().map(|it: &Insert| (it.at, lane.insert(it).to_vec())).collect();
            if is_folder {
                let name = self.name(lane, number);
                let file = whole_file(spool, &folder)?;
                self.whole.push((file, folder.join(name)));
            } else if spool.file.is_some() && spool.inserts.is_empty() && self.released.len()? == 0 {
                self.released = spool;
            } else {
                let (released, held) = (&mut self.released, self.held_bytes_max);
                spool.merge(|bytes| released.push(bytes, &folder, held))?;
                spool.clear();
            }
        }
        self.released_any |= !lanes.is_empty();
        if self.destination == Destination::Stdout && !self.holds_input && self.released.len()? >= FLUSH {
            self.flush()?;
        }
        Ok(())
    }

    /// What was released to standard output leaves.
    fn flush(&mut self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        self.released.merge(|bytes| out.write_all(bytes))?;
        out.flush()?;
        self.released.clear();
        self.input_start = 0;
        Ok(())
    }

    /// Nothing of the message may leave.
    pub fn refuse(&mut self) {
        self.spools.iter_mut().for_each(Spool::clear);
    }

    /// Nothing of the input may leave.
    pub fn refuse_input(&mut self) -> io::Result<()> {
        self.refuse();
        self.released.truncate(self.input_start)?;
        self.whole.truncate(self.input_whole);
        self.released_any = self.input_start > 0 || !self.whole.is_empty();
        Ok(())
    }

    /// Makes everything visible that was released.
    pub fn finish(mut self) -> io::Result<()> {
        match self.destination.clone() {
            Destination::Stdout => self.flush(),
            Destination::File(path) => {
                if !self.released_any {
                    return Ok(());
                }
                let file = whole_file(std::mem::take(&mut self.released), &self.destination.folder())?;
                persist(file, &path)
            }
            Destination::Folder(_) => self.whole.drain(..).try_for_each(|(file, path)| persist(file, &path)),
        }
    }

    /// `STEM[-NUMBER][-KEY].EXT`
    fn name(&self, lane: &Lane, number: u64) -> String {
        let mut name = self.stem.clone();
        if number > 1 {
            name.push_str(&format!("-{number}"));
        }
        if !lane.key.is_empty() {
            name.push('-');
            for byte in &lane.key {
                if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
                    name.push(char::from(*byte));
                } else {
                    name.push_str(&format!("%{byte:02X}"));
                }
            }
        }
        format!("{name}.{}", self.extensions.get(lane.target).copied().unwrap_or("bin"))
    }
}

/// A spool as a file that is whole.
fn whole_file(mut spool: Spool, folder: &Path) -> io::Result<NamedTempFile> {
    if spool.inserts.is_empty()
        && let Some(file) = spool.file.take()
    {
        return Ok(file);
    }
    let mut file = tempfile::Builder::new().prefix(".latimer-").tempfile_in(folder)?;
    {
        let mut out = io::BufWriter::with_capacity(256 << 10, file.as_file_mut());
        spool.merge(|bytes| out.write_all(bytes))?;
        out.flush()?;
    }
    Ok(file)
}

/// A whole file gets its name, with the mode that files usually have. What is no file (a device, a pipe) is written to: to
/// take its name would be the end of it.
fn persist(mut file: NamedTempFile, path: &Path) -> io::Result<()> {
    if is_special(path) {
        let file = file.as_file_mut();
        file.seek(SeekFrom::Start(0))?;
        return io::copy(file, &mut fs::OpenOptions::new().write(true).open(path)?).map(|_| ());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path).map_or(0o644, |it| it.permissions().mode());
        file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
    }
    file.persist(path).map(|_| ()).map_err(|error| error.error)
}

/// Whether a path is there and is no file.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|it| !it.is_file())
}
