//! Which store the operator wants.

use super::{Store, objects::Objects};
use crate::kit::db::private::make_directory;
use anyhow::{Context, bail, ensure};
use object_store::{
    BackoffConfig, ClientOptions, RetryConfig,
    aws::{AmazonS3Builder, S3ConditionalPut, S3CopyIfNotExists},
    local::LocalFileSystem,
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use url::Url;

/// How long a connection to a bucket may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a request about a part may take.
const REQUEST: Duration = Duration::from_secs(30);
/// How often a request is tried once more.
const REPEATS: usize = 2;

/// The keys of a bucket. Without them, those that its provider gives to the machine.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Who the server is to the bucket.
    pub access_key_id: Option<String>,
    /// What proves it.
    pub secret_access_key: Option<String>,
}

/// Opens the store of this address: `file:///…`, or
/// `s3://bucket/prefix?region=…&endpoint=…&path_style=true`.
///
/// # Errors
/// The address is no such one, or the folder cannot be made.
pub fn open(address: &Url, credentials: &Credentials) -> anyhow::Result<Arc<dyn Store>> {
    match address.scheme() {
        "file" => folder(address),
        "s3" => bucket(address, credentials),
        other => bail!("files_url begins with file: or s3:, and not with {other}:"),
    }
}

fn folder(address: &Url) -> anyhow::Result<Arc<dyn Store>> {
    let root: PathBuf = address
        .to_file_path()
        .map_err(|()| anyhow::anyhow!("files_url names no folder of this machine"))?;
    make_directory(&root)?;
    let files = LocalFileSystem::new_with_prefix(&root)
        .with_context(|| format!("opening the folder of files {}", root.display()))?
        .with_fsync(true);
    Ok(Arc::new(Objects::local(files, root)))
}

fn bucket(address: &Url, credentials: &Credentials) -> anyhow::Result<Arc<dyn Store>> {
    let name = address.host_str().context("files_url names no bucket")?;
    let mut builder = match credentials {
        Credentials {
            access_key_id: Some(id),
            secret_access_key: Some(secret),
        } => AmazonS3Builder::new()
            .with_access_key_id(id)
            .with_secret_access_key(secret),
        // From where the machine has them: AWS_WEB_IDENTITY_TOKEN_FILE and its like.
        Credentials {
            access_key_id: None,
            secret_access_key: None,
        } => AmazonS3Builder::from_env(),
        _ => bail!("files_access_key_id and files_secret_access_key go together"),
    };
    let retry = RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: REPEATS,
        retry_timeout: REQUEST,
    };
    let mut options = ClientOptions::new().with_connect_timeout(CONNECT).with_timeout(REQUEST);
    for (key, value) in address.query_pairs() {
        builder = match &*key {
            "region" => builder.with_region(value),
            "endpoint" => {
                options = options.with_allow_http(value.starts_with("http://"));
                builder.with_endpoint(value)
            }
            "path_style" => {
                ensure!(
                    matches!(&*value, "true" | "false"),
                    "path_style of files_url is true or false"
                );
                builder.with_virtual_hosted_style_request(value == "false")
            }
            other => bail!("files_url has region, endpoint and path_style, and no {other}"),
        };
    }
    let bucket = builder
        .with_bucket_name(name)
        .with_conditional_put(S3ConditionalPut::ETagMatch)
        .with_copy_if_not_exists(S3CopyIfNotExists::Multipart)
        .with_retry(retry)
        .with_client_options(options)
        .build()
        .context("opening the bucket of files_url")?;
    Ok(Arc::new(Objects::bucket(bucket, address.path())))
}
