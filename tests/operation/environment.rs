//! The environment that the program is started in: variables of others, empty ones, secrets in files.

use crate::support::{
    PASSWORD, client,
    database::{Database, is_postgres},
    program::{Program, command, run},
};
use serde_json::json;
use std::{
    ffi::OsStr,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt, process::CommandExt},
    process::Output,
};

fn list_with(database: &Database, variables: &[(&str, &str)]) -> Output {
    let mut list = command(database);
    list.args(["tenant", "list"]).envs(variables.iter().copied());
    list.output().unwrap()
}

#[tokio::test]
async fn variables_of_others_and_empty_ones_do_not_stop_the_program() {
    let mut database = Database::create().await;
    let mut list = command(&database);
    list.args(["tenant", "list"])
        .env("TENANTRY_PORT", "tcp://10.0.0.11:80")
        .env("TENANTRY_PORT_80_TCP_ADDR", "10.0.0.11")
        .env("TENANTRY_SERVICE_HOST", "10.0.0.11")
        .env("TENANTRY_SMTP_URL", "")
        .env("LS_COLORS", OsStr::from_bytes(b"\xff\xfe"));
    let done = list.output().unwrap();
    assert!(done.status.success(), "{done:?}");
    database.end();
}

#[tokio::test]
async fn a_variable_that_is_wrong_is_refused_by_its_own_name() {
    let mut database = Database::create().await;
    for (name, value, why) in [
        ("TENANTRY_LISTN", "127.0.0.1:1", "TENANTRY_LISTN: unknown field `listn`"),
        ("TENANTRY_PORT", "8080", "TENANTRY_PORT"),
        ("TENANTRY_OPEN_TENANTS", "many", "TENANTRY_OPEN_TENANTS"),
        ("TENANTRY_LOG_FORMAT", "xml", "TENANTRY_LOG_FORMAT"),
        (
            "TENANTRY_DATABASE_WAIT",
            "31",
            "TENANTRY_DATABASE_WAIT must be from 1 to 30",
        ),
        (
            "TENANTRY_DATABASE_CONNECTIONS",
            "1",
            "TENANTRY_DATABASE_CONNECTIONS must be from 2 to 1000",
        ),
        (
            "TENANTRY_STATEMENT_TIMEOUT",
            "0",
            "TENANTRY_STATEMENT_TIMEOUT must be from 1 to 3600",
        ),
        ("TENANTRY_FORWARDED_HEADER", "via", "TENANTRY_FORWARDED_HEADER"),
        (
            "TENANTRY_PUBLIC_URL",
            "https://example.com/id",
            "TENANTRY_PUBLIC_URL must not have a path",
        ),
        (
            "TENANTRY_SMTP_URL_FILE",
            "/no/such/file",
            "/no/such/file, which TENANTRY_SMTP_URL_FILE names",
        ),
    ] {
        let refused = list_with(&database, &[(name, value)]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains(why), "{name}: {said}");
    }
    // There is none.
    database.jobs_may_be_left = true;
    database.end();
}

#[tokio::test]
async fn every_secret_may_be_in_a_file_of_its_own() {
    let mut database = Database::create().await;
    let file = |name: &str, text: &str| {
        let file = database.directory().join(name);
        std::fs::write(&file, format!("{text}\n")).unwrap();
        file.display().to_string()
    };
    let password = file("password", "a password from a file");
    let relay = file("relay", "smtp://127.0.0.1:9");
    let mut server = vec![
        ("TENANTRY_SMTP_URL_FILE", relay),
        ("TENANTRY_ADMIN_PASSWORD", String::new()),
    ];
    server.push(("TENANTRY_ADMIN_PASSWORD_FILE", password.clone()));
    let server: Vec<_> = server.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let program = Program::start(&database, &server);
    let given = json!({ "username": "admin", "password": "a password from a file" });
    let signed_in = client().post(format!("{}/v1/login", program.base)).json(&given);
    assert_eq!(signed_in.send().await.unwrap().status(), 200);
    let tenant = client().get(format!("{}/apis/console/v1alpha1/tenant", program.base));
    let tenant: serde_json::Value = tenant.send().await.unwrap().json().await.unwrap();
    assert_eq!(tenant["mailbox"], false, "there is a relay");
    drop(program);

    let both = [
        ("TENANTRY_ADMIN_PASSWORD", PASSWORD),
        ("TENANTRY_ADMIN_PASSWORD_FILE", &password),
    ];
    let refused = list_with(&database, &both);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("not both"), "{said}");
    database.end();
}

#[tokio::test]
async fn nobody_else_can_read_what_is_kept_whatever_the_umask() {
    if is_postgres() {
        return;
    }
    let mut database = Database::create().await;
    let data = database.directory().join("new").join("data");
    let mut list = command(&database);
    list.args(["tenant", "create", "acme", "--owner-email", "a@acme.test"]);
    list.env("TENANTRY_DATA_DIR", &data);
    // The mask of whoever starts it is that of the shell.
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", "umask 000; exec \"$0\" \"$@\""])
        .arg(list.get_program())
        .args(list.get_args());
    shell
        .env_clear()
        .envs(list.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.arg0("sh");
    let made = shell.output().unwrap();
    assert!(made.status.success(), "{made:?}");

    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let mut seen = 0;
    let mut folders = vec![data];
    while let Some(folder) = folders.pop() {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen >= 3, "the key, the system's file and the tenant's");
    // There is none.
    database.jobs_may_be_left = true;
    database.end();
}

#[tokio::test]
async fn the_configuration_in_force_is_shown_with_where_it_comes_from_and_without_secrets() {
    let mut database = Database::create().await;
    let file = database.directory().join("tenantry.toml");
    std::fs::write(
        &file,
        "log = \"debug\"\nsmtp_url = \"smtp://somebody:hidden@127.0.0.1\"\n",
    )
    .unwrap();
    let mut config = command(&database);
    config
        .args(["--config", file.to_str().unwrap(), "config"])
        .env("TENANTRY_OPEN_TENANTS", "7");
    let shown = config.output().unwrap();
    let said = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.status.success(), "{shown:?}");
    for line in [
        "= 7   (TENANTRY_OPEN_TENANTS)",
        &format!("= \"debug\"   ({})", file.display()),
        "= \"127.0.0.1:8080\"   (default)",
        "= (secret)   (TENANTRY_ADMIN_PASSWORD)",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("hidden") && !said.contains(PASSWORD), "{said}");
    // There is none.
    database.jobs_may_be_left = true;
    database.end();
}

#[tokio::test]
async fn what_is_likely_a_mistake_is_said_at_the_start() {
    let mut database = Database::create().await;
    drop(Program::start(&database, &[]));
    let program = Program::start(
        &database,
        &[
            ("TENANTRY_LISTEN", "0.0.0.0:0"),
            ("TENANTRY_SMTP_URL", "smtp://somebody:hidden@127.0.0.1:9"),
        ],
    );
    let (ended_well, log) = program.terminate();
    assert!(ended_well, "{log}");
    for hint in [
        "TENANTRY_PUBLIC_URL is not set while TENANTRY_LISTEN is 0.0.0.0:0",
        "TENANTRY_SMTP_URL sends a password without TLS",
        "TENANTRY_ADMIN_PASSWORD is for the first start alone",
    ] {
        assert!(log.contains(hint), "{hint}: {log}");
    }
    database.end();
}

#[tokio::test]
async fn a_database_server_that_is_down_is_named() {
    let mut database = Database::create().await;
    let refused = list_with(
        &database,
        &[
            ("TENANTRY_DATABASE_URL", "postgres://somebody:hidden@127.0.0.1:1/none"),
            ("TENANTRY_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ],
    );
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success(), "{said}");
    assert!(
        said.contains("PostgreSQL at 127.0.0.1:1") && said.contains("refused"),
        "{said}"
    );
    assert!(!said.contains("hidden"), "{said}");
    // There is none.
    database.jobs_may_be_left = true;
    database.end();
}

#[tokio::test]
async fn a_request_from_another_site_is_logged_with_both_origins() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[("TENANTRY_PUBLIC_URL", "https://id.example.com")]);
    let given = json!({ "username": "admin", "password": PASSWORD });
    let signed_in = client()
        .post(format!("{}/apis/console/v1alpha1/sessions", program.base))
        .json(&given);
    let cookie = signed_in.send().await.unwrap().headers()["set-cookie"]
        .to_str()
        .unwrap()
        .to_owned();
    let changed = client()
        .delete(format!("{}/apis/console/v1alpha1/sessions/-", program.base))
        .header("cookie", cookie.split(';').next().unwrap())
        .header("origin", "https://login.example.com");
    assert_eq!(changed.send().await.unwrap().status(), 403);
    let (_, log) = program.terminate();
    let line = log.lines().find(|line| line.contains("another site")).unwrap();
    assert!(
        line.contains("https://login.example.com") && line.contains("https://id.example.com"),
        "{line}"
    );
    database.end();
}

#[tokio::test]
async fn a_password_from_standard_input_is_its_first_line() {
    let mut database = Database::create().await;
    drop(Program::start(&database, &[]));
    let set = ["user", "set-password", "admin", "--password-stdin"];
    let done = run(&database, &set, "another battery for the horse\r\nand more\n");
    assert!(done.status.success(), "{done:?}");
    let program = Program::start(&database, &[]);
    let given = json!({ "username": "admin", "password": "another battery for the horse" });
    let signed_in = client().post(format!("{}/v1/login", program.base)).json(&given);
    assert_eq!(signed_in.send().await.unwrap().status(), 200);
    drop(program);
    database.jobs_may_be_left = true;
    database.end();
}
