fn main() {
    let (_, p) = codegen::protocol().unwrap_or_else(|e| { eprintln!("{e}"); std::process::exit(1) });
    println!("records {} enums {} flags {} handles {} commands {} ext {} hv {}", p.records.len(), p.enums.len(), p.flags.len(), p.handles.len(), p.commands.len(), p.extensions.len(), p.header_version);
    for (n, s) in &p.records { println!("RECORD {n} plain={} link={} union={} chain={:?}", s.plain, s.link, s.union, s.chain); for f in &s.fields { println!("  {} {:?} {:?} opt={} len={} out={} {:?} {:?}", f.name, f.shape, f.ty, f.optional, f.is_length, f.output, f.selector, f.selection); } }
    for c in &p.commands { println!("COMMAND {} {} {:?}", c.id, c.name, c.ret); for f in &c.params { println!("  {} {:?} {:?} opt={} len={} out={}", f.name, f.shape, f.ty, f.optional, f.is_length, f.output); } }
}
