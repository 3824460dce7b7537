//! How the program is linked.

#![expect(clippy::print_stdout, reason = "that is how Cargo is spoken to")]

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |what: &str| std::env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        // At a fixed address its tables need not be relocated, which takes a third of the time of a
        // short run. Stack, heap and libraries are still where nobody can know beforehand.
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
