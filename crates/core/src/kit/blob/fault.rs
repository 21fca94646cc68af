//! Trouble of a store, as requests are told of it.

use crate::kit::error::{Code, Error};
use object_store::Error as Trouble;
use std::{error::Error as StdError, io};

/// What requests are told of it. The log has the rest.
pub(super) fn told(trouble: &Trouble) -> Error {
    let code = match is_full(trouble) {
        true => Code::StorageFull,
        false => Code::FilesUnavailable,
    };
    tracing::error!(error = chain(trouble), "the store of files fails");
    Error::later(code)
}

fn is_full(trouble: &Trouble) -> bool {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(trouble);
    while let Some(this) = cause {
        let kind = this.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(
            kind,
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
        ) {
            return true;
        }
        cause = this.source();
    }
    false
}

/// An error and its causes in one line.
fn chain(trouble: &Trouble) -> String {
    let (mut text, mut cause) = (trouble.to_string(), trouble.source());
    while let Some(this) = cause {
        let next = this.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = this.source();
    }
    text
}
