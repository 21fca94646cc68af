//! Stores by the crate `object_store`.

use super::{Key, Reading, Store, Writer, fault::told};
use crate::kit::{error::Result, id::TenantId};
use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt};
use hyper::body::Bytes;
use object_store::{
    Error as Trouble, GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, PutMode, PutOptions,
    aws::AmazonS3, local::LocalFileSystem, path::Path, prefix::PrefixStore,
};
use std::{io, ops::Range, path::PathBuf, sync::Arc};

/// A folder or a bucket.
#[derive(Debug)]
pub(super) struct Objects {
    objects: Arc<dyn ObjectStore>,
    /// The folder, if it is one.
    root: Option<PathBuf>,
}

impl Objects {
    pub(super) fn local(files: LocalFileSystem, root: PathBuf) -> Self {
        Self {
            objects: Arc::new(files),
            root: Some(root),
        }
    }

    pub(super) fn bucket(bucket: AmazonS3, prefix: &str) -> Self {
        Self {
            objects: Arc::new(PrefixStore::new(bucket, prefix)),
            root: None,
        }
    }
}

fn path(key: &Key) -> Path {
    Path::from(key.0.as_str())
}

/// What is there already is the same.
fn unless_there<T>(done: Result<T, Trouble>) -> Result<()> {
    match done {
        Ok(_) | Err(Trouble::AlreadyExists { .. } | Trouble::Precondition { .. }) => Ok(()),
        Err(trouble) => Err(told(&trouble)),
    }
}

#[async_trait]
impl Store for Objects {
    fn kind(&self) -> &'static str {
        match self.root {
            Some(_) => "local",
            None => "s3",
        }
    }

    async fn put_new(&self, key: &Key, content: Bytes) -> Result<()> {
        let options = PutOptions::from(PutMode::Create);
        unless_there(self.objects.put_opts(&path(key), content.into(), options).await)
    }

    async fn write(&self, key: &Key) -> Result<Box<dyn Writer>> {
        let begun = self.objects.put_multipart(&path(key)).await;
        Ok(Box::new(Parts(begun.map_err(|trouble| told(&trouble))?)))
    }

    async fn copy_new(&self, from: &Key, to: &Key) -> Result<()> {
        unless_there(self.objects.copy_if_not_exists(&path(from), &path(to)).await)
    }

    async fn get(&self, key: &Key, range: Range<u64>) -> Result<Reading> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.objects.get_opts(&path(key), options).await;
        let found = found.map_err(|trouble| told(&trouble))?;
        Ok(found.into_stream().map_err(io::Error::from).boxed())
    }

    async fn head(&self, key: &Key) -> Result<Option<u64>> {
        match self.objects.head(&path(key)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(Trouble::NotFound { .. }) => Ok(None),
            Err(trouble) => Err(told(&trouble)),
        }
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        if let Some(root) = &self.root {
            let file = root.join(&key.0);
            let cleared = tokio::task::spawn_blocking(move || clear(&file)).await;
            cleared.map_err(anyhow::Error::from)?.map_err(|source| {
                told(&Trouble::Generic {
                    store: "LocalFileSystem",
                    source: source.into(),
                })
            })?;
        }
        match self.objects.delete(&path(key)).await {
            Ok(()) | Err(Trouble::NotFound { .. }) => Ok(()),
            Err(trouble) => Err(told(&trouble)),
        }
    }

    async fn clear(&self, tenant: TenantId) -> Result<()> {
        let tenant = tenant.to_string();
        if let Some(root) = &self.root {
            // Whole: what was being written when a server died is in no list.
            return match tokio::fs::remove_dir_all(root.join(&tenant)).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(told(&Trouble::Generic {
                    store: "LocalFileSystem",
                    source: error.into(),
                })),
                _ => Ok(()),
            };
        }
        let found = self.objects.list(Some(&Path::from(tenant)));
        let mut deleted = self.objects.delete_stream(found.map_ok(|found| found.location).boxed());
        while let Some(deleted) = deleted.next().await {
            match deleted {
                Ok(_) | Err(Trouble::NotFound { .. }) => {}
                Err(trouble) => return Err(told(&trouble)),
            }
        }
        Ok(())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        let listed = self.objects.list(Some(&Path::from(prefix)));
        let keys = listed.map_ok(|found| found.location.to_string()).try_collect().await;
        keys.map_err(|trouble| told(&trouble))
    }
}

/// Removes what was being written to a file when the server died: it has the file's name, `#` and a number.
fn clear(file: &std::path::Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name().and_then(|name| name.to_str())) else {
        return Ok(());
    };
    let entries = match folder.read_dir() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?.file_name();
        let left = entry
            .to_str()
            .and_then(|left| left.strip_prefix(name)?.strip_prefix('#'));
        if left.is_some() {
            match std::fs::remove_file(folder.join(&entry)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

struct Parts(Box<dyn MultipartUpload>);

#[async_trait]
impl Writer for Parts {
    async fn write(&mut self, part: Bytes) -> Result<()> {
        self.0.put_part(part.into()).await.map_err(|trouble| told(&trouble))
    }

    async fn finish(&mut self) -> Result<()> {
        unless_there(self.0.complete().await)
    }

    async fn abort(&mut self) -> Result<()> {
        self.0.abort().await.map_err(|trouble| told(&trouble))
    }
}
