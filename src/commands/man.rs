//! `man --dir`: writes every manual page.

use crate::failure::Failure;
use std::path::Path;

/// Writes pages, given as file name and content, into a folder.
pub fn write(folder: &Path, pages: &[(String, Vec<u8>)]) -> Result<(), Failure> {
    let about = |error| Failure::io(format!("cannot write to {}", folder.display()), error);
    std::fs::create_dir_all(folder).map_err(about)?;
    for (name, bytes) in pages {
        std::fs::write(folder.join(name), bytes).map_err(about)?;
    }
    Ok(())
}
