//! Whether there is room for the checkpoints of a run, before hours are spent on it.

use fishdip_peft::Adaptable;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use crate::config::AverageName;
use crate::{Error, RunConfig};

/// Bytes of an entry in the mask: value, two moments, age, and about two for its position, twice.
const BYTES_OF_ENTRY: usize = 20;

/// Bytes of an entry of a weight that is trained as a whole: value and two moments.
const BYTES_OF_ALL: usize = 12;

/// Bytes of the average of an entry, where there is one.
const BYTES_OF_AVERAGE: usize = 4;

/// About how many bytes the checkpoints take that a run of `config` has at once.
pub(super) fn estimate(config: &RunConfig, model: &impl Adaptable) -> usize {
    if config.training.steps() == 0 {
        return 0;
    }
    let method = &config.method;
    let entries = method.scope().entries(model);
    let chosen = (method.keep() * entries as f64) as usize;
    let average = if config.training.average == AverageName::None { 0 } else { BYTES_OF_AVERAGE };
    let (of_all, of_entry) = (BYTES_OF_ALL + average, BYTES_OF_ENTRY + average);
    let each = match method.mask() {
        // Of norms as well: they are few, and the estimate is one of what is needed at most.
        mask if !mask.is_sparse() => entries * of_all,
        // What has left the mask stays in the checkpoint, and refreshes change most of a mask.
        mask if mask.refreshes() => 3 * chosen * of_entry,
        _ => chosen * of_entry,
    };
    // The one being written, and that of the best scores.
    (config.checkpoints.keep + 2) * each
}

/// Takes so many bytes in `folder` and gives them back: what a system says of its free space leaves out quotas and limits.
pub(super) fn probe(folder: &Path, bytes: usize) -> Result<(), Error> {
    let path = folder.join("space.tmp");
    let written = fs::create_dir_all(folder).and_then(|()| take(&path, bytes));
    // Also what a full disk let through.
    let removed = fs::remove_file(&path);
    written.and(removed).map_err(|source| Error::NoSpace {
        path: folder.to_owned(),
        mib: bytes.div_ceil(1 << 20),
        source,
    })
}

fn take(path: &Path, bytes: usize) -> std::io::Result<()> {
    let file = File::create(path)?;
    // Without writing them, where the file system can: of a large model that is trained as a whole it is gigabytes.
    #[cfg(target_os = "linux")]
    match rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes.max(1) as u64) {
        Err(rustix::io::Errno::OPNOTSUPP) => {}
        taken => return Ok(taken?),
    }
    write_zeros(file, bytes)
}

fn write_zeros(mut file: File, mut bytes: usize) -> std::io::Result<()> {
    let zeros = vec![0; 1 << 20];
    while bytes > 0 {
        let now = bytes.min(zeros.len());
        file.write_all(&zeros[..now])?;
        bytes -= now;
    }
    Ok(())
}
