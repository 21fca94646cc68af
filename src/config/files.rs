//! Where files are kept, as it is configured.

use super::Config;
use crate::kit::blob::Credentials;
use url::Url;

impl Config {
    /// Where files are kept.
    ///
    /// # Errors
    /// The data directory is nowhere.
    pub fn files(&self) -> anyhow::Result<(Url, Credentials)> {
        let credentials = Credentials {
            access_key_id: self.files_access_key_id.clone(),
            secret_access_key: self.files_secret_access_key.clone(),
        };
        let address = if let Some(url) = &self.files_url {
            url.clone()
        } else {
            let folder = std::path::absolute(self.data_dir.join("files"))?;
            Url::from_directory_path(folder).map_err(|()| anyhow::anyhow!("data_dir is no folder"))?
        };
        Ok((address, credentials))
    }
}
