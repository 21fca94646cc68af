//! A statement reduced to what it does to which tables.

/// The shapes of what a request issued, but for what differs from time to time.
pub(super) fn of(issued: &[String]) -> Vec<String> {
    let kept = issued.iter().filter(|sql| !is_sweep(sql));
    let mut shapes: Vec<_> = kept.map(|sql| shape(sql)).collect();
    // The row of the tenant is kept for a second, by the clock on the wall: whether it is read
    // again depends on how fast the test is.
    if shapes.len() >= 3 && shapes[0].starts_with("begin") && shapes[1] == "select tenant" && shapes[2] == "commit" {
        shapes.drain(..3);
    }
    shapes
}

/// Whether it removes what ran out, so that no table grows: most writes do so one time in eight, by chance (see the
/// program's `kit::sweep`), which is why none is part of a snapshot.
fn is_sweep(sql: &str) -> bool {
    sql.starts_with("delete from ") && sql.contains(" order by ") && sql.contains(" limit ")
}

/// The verb and the tables of a statement, in the order they appear; of one without a table what
/// it calls; of one that begins or ends a transaction all but the tenant.
fn shape(sql: &str) -> String {
    let sql = sql.replace('"', "").to_lowercase();
    if ["begin", "commit", "rollback"].iter().any(|verb| sql.starts_with(verb)) {
        return sql.split(';').next().unwrap_or_default().to_owned();
    }
    let spaced = sql.replace('(', " ( ").replace([')', ','], " ");
    let words: Vec<_> = spaced.split_whitespace().collect();
    let mut tables: Vec<&str> = vec![];
    for (at, pair) in words.windows(2).enumerate() {
        let names_table = ["from", "join", "into"].contains(&pair[0]) || (at == 0 && pair[0] == "update");
        if names_table && pair[1] != "(" && !tables.contains(&pair[1]) {
            tables.push(pair[1]);
        }
    }
    if tables.is_empty() {
        tables.push(words[1]);
    }
    format!("{} {}", words[0], tables.join(", "))
}
