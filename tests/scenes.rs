//! The scenes of the manual: one failed journey, one night, two days compared. What stands in
//! `docs/scenes` is what the program prints.

use crate::generated::{REGENERATE, is_regenerated};
use crate::support::Place;
use std::path::Path;

#[test]
fn generated_scenes_are_what_the_program_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = Place::new();
    let link = place.path("examples");
    std::os::unix::fs::symlink(root.join("examples"), link).expect("a link");
    for (scene, line, code) in [
        ("journey", "journey 14cac731 examples/one-message.ndjson", 0),
        ("night", "stats --by error examples/tuesday.ndjson", 0),
        (
            "compare",
            "stats examples/tuesday.ndjson --against examples/monday.ndjson --fail-on p90>1.5x",
            1,
        ),
    ] {
        let run = place.hivelog(line.split(' ')).env("COLUMNS", "88");
        let ended = run.run().exits(code);
        let shown = line.replace("--fail-on p90>1.5x", "\\\n    --fail-on 'p90>1.5x'");
        let text = format!("$ hivelog {shown}\n{}{}", ended.text(), ended.errors());
        let path = root.join(format!("docs/scenes/{scene}.txt"));
        if is_regenerated() {
            std::fs::write(&path, &text).expect("a file");
        } else {
            let shipped = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(
                shipped, text,
                "{scene}: write it anew with {REGENERATE}=1 cargo test --locked generated"
            );
        }
    }
}
