//! The real program as a process of its own, to be stopped, killed and asked.

use super::{
    PASSWORD, client,
    database::{Database, WAIT},
};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Output, Stdio},
};

/// A running server, killed when it is dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) base: String,
    /// What it said on standard error so far is read at its end.
    log: Option<std::thread::JoinHandle<String>>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command of the program on this database.
pub(crate) fn command(database: &Database) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    command
        .env_clear()
        .envs(database.environment())
        .env("TENANTRY_ADMIN_PASSWORD", PASSWORD);
    command
}

/// Runs a command of the program to its end.
pub(crate) fn run(database: &Database, arguments: &[&str], input: &str) -> Output {
    let mut child = command(database)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

impl Program {
    /// Starts the server and waits until it says where it is.
    pub(crate) fn start(database: &Database, environment: &[(&str, &str)]) -> Self {
        Self::launch(command(database), environment)
    }

    /// The same, with so many descriptors.
    pub(crate) fn start_within(database: &Database, descriptors: u32, environment: &[(&str, &str)]) -> Self {
        let whole = command(database);
        let mut limited = Command::new("sh");
        let limit = format!("ulimit -n {descriptors} && exec \"$0\"");
        limited.args(["-c", &limit]).arg(whole.get_program()).env_clear();
        limited.envs(whole.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Self::launch(limited, environment)
    }

    /// Starts it with this command.
    pub(crate) fn launch(mut command: Command, environment: &[(&str, &str)]) -> Self {
        let mut child = command
            .env("TENANTRY_LISTEN", "127.0.0.1:0")
            .env("TENANTRY_DATABASE_WAIT", WAIT.to_string())
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let base = loop {
            let Some(line) = lines.next() else {
                panic!("the server ended: {said}")
            };
            let line = line.unwrap();
            said += &line;
            said.push('\n');
            if let Some((_, rest)) = line.split_once("socket://") {
                break format!("http://{}", rest.split('"').next().unwrap());
            }
        };
        let log = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                said += &line;
                said.push('\n');
            }
            said
        });
        Self {
            child,
            base,
            log: Some(log),
        }
    }

    /// Kills it with a signal nobody can catch.
    pub(crate) fn kill(&self) {
        self.signal("-KILL");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Asks it to stop and returns whether it ended well, and its log.
    pub(crate) fn terminate(mut self) -> (bool, String) {
        self.signal("-TERM");
        let status = self.child.wait().unwrap();
        (status.success(), self.log.take().unwrap().join().unwrap())
    }

    /// An access token of the first owner.
    pub(crate) async fn owner_token(&self) -> String {
        let given = serde_json::json!({ "username": "admin", "password": PASSWORD });
        let answer = client()
            .post(format!("{}/v1/login", self.base))
            .json(&given)
            .send()
            .await
            .unwrap();
        let body: serde_json::Value = answer.json().await.unwrap();
        body["accessToken"].as_str().unwrap().to_owned()
    }
}
