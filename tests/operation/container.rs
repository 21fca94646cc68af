//! The program as a container starts it: as a user whom nobody knows, who may write to the data directory alone.

use crate::support::{
    PASSWORD, client,
    database::{Database, is_postgres},
    program::{Program, command},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    ffi::OsStr,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    process::Command,
};

const CONSOLE: &str = "/apis/console/v1alpha1";

/// A user who is in no file, as orchestrators choose them.
const NOBODY: u32 = 54_321;

/// The command in such a container. None if this machine lets only root make one.
fn contained(whole: &Command, database: &Database) -> Option<Command> {
    let mut container = Command::new("unshare");
    container.args(["--mount", "sh", "-c"]);
    // The program is opened here, since its user may not be able to enter where it was built.
    container.arg(
        r#"set -e; data=$1; user=$2; exec 9<"$3"; shift 3
        mount --make-rprivate /
        for place in /tmp /var/tmp; do mount --bind "$place" "$place"; done
        mount --bind "$data" "$data"
        for place in / /tmp /var/tmp; do mount -o remount,bind,ro "$place"; done
        ! touch /tmp/written /var/tmp/written 2>/dev/null
        exec setpriv --reuid "$user" --regid "$user" --clear-groups /proc/self/fd/9 "$@""#,
    );
    container.arg("sh").arg(database.directory()).arg(NOBODY.to_string());
    container.arg(whole.get_program()).args(whole.get_args()).env_clear();
    container.envs(whole.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let may = Command::new("unshare").args(["--mount", "true"]).output();
    may.is_ok_and(|may| may.status.success()).then_some(container)
}

/// Gives the data directory to this user.
fn give(database: &Database, user: u32) {
    std::os::unix::fs::chown(database.directory(), Some(user), Some(user)).unwrap();
}

/// Asks as the first owner.
async fn ask(program: &Program, token: &str, method: Method, path: &str, body: Option<Value>) -> StatusCode {
    let request = client().request(method, format!("{}{CONSOLE}{path}", program.base));
    let request = match body {
        Some(body) => request.bearer_auth(token).json(&body),
        None => request.bearer_auth(token),
    };
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn a_container_needs_nothing_but_its_data_directory() {
    let mut database = Database::create().await;
    let Some(mut server) = contained(&command(&database), &database) else {
        return;
    };
    give(&database, NOBODY);
    server
        .env("TENANTRY_PORT", "tcp://10.0.0.11:80")
        .env("TENANTRY_SERVICE_HOST", "10.0.0.11")
        .env("TENANTRY_SMTP_URL", "")
        .env("TENANTRY_TRUSTED_PROXIES", "")
        .env("LS_COLORS", OsStr::from_bytes(b"\xff\xfe"));
    let program = Program::launch(server, &[]);
    let token = program.owner_token().await;
    let ada = json!({ "name": "ada", "email": "ada@example.com", "password": PASSWORD });
    assert_eq!(ask(&program, &token, Method::POST, "/users", Some(ada)).await, 200);
    let given = json!({ "username": "ada", "password": PASSWORD });
    let signed_in = client().post(format!("{}/v1/login", program.base)).json(&given);
    assert_eq!(signed_in.send().await.unwrap().status(), 200);

    // So many that SQLite sets something aside while it ends them.
    let columns = "user_id, client_id, ip_address, user_agent, created_at, last_used_at, expires_at, ended_at";
    let id = match is_postgres() {
        true => "gen_random_uuid()",
        false => "randomblob(16)",
    };
    for _ in 0..14 {
        let double = format!(
            "insert into session (id, {columns}) select {id}, {columns} from session
            where user_id = (select id from \"user\" where name = 'ada')"
        );
        database.execute_in_tenant(&double).await;
    }
    let ended = ask(&program, &token, Method::DELETE, "/users/ada/sessions", None).await;
    assert!(ended.is_success(), "{ended}");
    let (ended_well, log) = program.terminate();
    assert!(ended_well && !log.contains("ERROR"), "{log}");
    database.end();
}

#[tokio::test]
async fn a_data_directory_of_another_user_is_named() {
    if is_postgres() {
        return;
    }
    let mut database = Database::create().await;
    let mut list = command(&database);
    list.args(["tenant", "list"]);
    let Some(mut list) = contained(&list, &database) else {
        return;
    };
    // It is the tests' own.
    std::fs::set_permissions(database.directory(), PermissionsExt::from_mode(0o700)).unwrap();
    let refused = list.output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success(), "{said}");
    let directory = database.directory().display().to_string();
    assert!(
        said.contains(&directory) && said.contains("Permission denied"),
        "{said}"
    );
    // There is none.
    database.jobs_may_be_left = true;
    database.end();
}
