//! Moving a folder aside, so that somebody can look at it, and keeping only a few of them.

use std::fs::{read_dir, remove_dir_all, remove_file, rename};
use std::path::{Path, PathBuf};

use tracing::warn;

use crate::error::StoreError;
use crate::lock::beside;

/// Folders moved aside that are kept; older ones are removed.
pub const ASIDE_KEPT: usize = 3;

/// Renames `dir` to `<dir>.damaged-<n>`, n one more than the newest, and removes those beyond [`ASIDE_KEPT`].
pub(crate) fn move_folder(dir: &Path) -> Result<PathBuf, StoreError> {
    let mut numbers = numbers(dir)?;
    let next = numbers.last().map_or(1, |newest| newest + 1);
    let to = numbered(dir, next)?;
    rename(dir, &to).map_err(|source| StoreError::Io {
        doing: "move aside",
        path: dir.to_owned(),
        source,
    })?;
    numbers.push(next);
    let surplus = numbers.len().saturating_sub(ASIDE_KEPT);
    for number in &numbers[..surplus] {
        let old = numbered(dir, *number)?;
        let removed = if old.is_dir() { remove_dir_all(&old) } else { remove_file(&old) };
        if let Err(error) = removed {
            warn!(error = %error, path = %old.display(), "an old damaged store cannot be removed");
        }
    }
    Ok(to)
}

fn numbered(dir: &Path, number: u64) -> Result<PathBuf, StoreError> {
    beside(dir, &format!(".damaged-{number}"))
}

/// The numbers in use, ascending.
fn numbers(dir: &Path) -> Result<Vec<u64>, StoreError> {
    let prefix = beside(dir, ".damaged-")?;
    let Some(prefix) = prefix.file_name().and_then(|name| name.to_str()) else { return Ok(Vec::new()) };
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |source| StoreError::Io { doing: "read", path: parent.to_owned(), source };
    let mut numbers = Vec::new();
    for entry in read_dir(parent).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        numbers.extend(name.to_str().and_then(|name| name.strip_prefix(prefix)?.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}
