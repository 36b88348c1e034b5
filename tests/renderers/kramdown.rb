# Renders texts by kramdown as Jekyll calls it: {"options": {...}, "texts": [...]} comes in, a list of HTML goes out.
require "json"
require "kramdown"
require "kramdown-parser-gfm"

if ARGV == ["--version"]
  puts "kramdown #{Kramdown::VERSION}, kramdown-parser-gfm #{Kramdown::Parser::GFM::VERSION}"
  exit
end

given = JSON.parse(STDIN.read)
options = { input: "GFM", hard_wrap: false, syntax_highlighter: nil, math_engine: nil, auto_ids: false }
given["options"].each { |key, value| options[key.to_sym] = value }
puts JSON.generate(given["texts"].map { |text| Kramdown::Document.new(text, options).to_html })
