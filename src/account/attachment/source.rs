//! Where the bytes of a file come from.

use crate::kit::{
    error::{Code, Result},
    form::FilePart,
    outbound::Download,
};

/// A file that is on its way.
pub(super) enum Source {
    /// In a form.
    Form(FilePart),
    /// From another server, with what came and was not read yet.
    Elsewhere(Download, Vec<u8>),
}

impl Source {
    /// The next bytes, `most` unless it ends before.
    pub(super) async fn read(&mut self, most: usize) -> Result<Vec<u8>> {
        match self {
            Self::Form(part) => part.read(most).await,
            Self::Elsewhere(download, ahead) => {
                while ahead.len() < most {
                    let next = download.next().await.map_err(|failure| {
                        tracing::info!(error = failure.error, "a file was not fetched");
                        Code::SourceFailed
                    })?;
                    match next {
                        Some(bytes) => ahead.extend_from_slice(&bytes),
                        None => break,
                    }
                }
                let rest = ahead.split_off(ahead.len().min(most));
                Ok(std::mem::replace(ahead, rest))
            }
        }
    }

    /// Lets so many bytes come.
    pub(super) fn admit(&self, most: u64) {
        if let Self::Form(part) = self {
            part.admit(most);
        }
    }
}
