//! A bucket that speaks S3, on this machine: `moto`.

use super::client;
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};
use tenantry::config::Config;

/// A running bucket; it ends with the test.
pub(crate) struct Bucket {
    child: Child,
    base: String,
}

impl Drop for Bucket {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Bucket {
    /// Starts a bucket with nothing in it.
    pub(crate) async fn start() -> Self {
        let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON names a Python with moto: see scripts/test");
        let mut child = Command::new(python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let base = loop {
            let Some(line) = lines.next() else {
                panic!("the bucket ended: {said}")
            };
            let line = line.unwrap();
            if let Some((_, address)) = line.split_once("Running on ") {
                break address.trim().to_owned();
            }
            said += &line;
        };
        // It goes on to tell of every request.
        std::thread::spawn(move || lines.for_each(drop));
        let made = client().put(format!("{base}/files")).send().await.unwrap();
        assert_eq!(made.status(), 200);
        Self { child, base }
    }

    /// Has a server keep its files here.
    pub(crate) fn configure(&self, config: &mut Config) {
        config.files_url = Some(address(&self.base));
        config.files_access_key_id = Some("key".to_owned());
        config.files_secret_access_key = Some("hush".to_owned());
    }
}

/// The address of the bucket of a server that is there.
pub(crate) fn address(base: &str) -> url::Url {
    let address = format!("s3://files/some/prefix?region=us-east-1&endpoint={base}&path_style=true");
    address.parse().unwrap()
}
