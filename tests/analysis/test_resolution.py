import pytest

from mergewright.analysis.resolution import ImportResolver

PATHS = [
    "src/app/__init__.py", "src/app/main.py", "src/app/util/text.py", "lib/app/main.py",
    "web/src/components/button.tsx", "web/src/pages/index.ts", "web/src/pages/home.tsx",
    "java/src/main/java/org/a/B.java", "java/src/main/java/org/a/C.java",
    "go/pkg/store/a.go", "go/pkg/store/b.go", "go/main.go",
    "rust/src/shapes/mod.rs", "rust/src/lib.rs", "c/include/head.h", "c/main.c",
    "lib/thing.rb", "php/src/Base/Thing.php",
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "language", "imports", "found"),
    [
        ("src/app/main.py", "Python", ["app/util:text,other"], ["src/app/util/text.py"]),
        ("src/app/main.py", "Python", ["./util/text:f"], ["src/app/util/text.py"]),
        ("src/app/util/text.py", "Python", ["app/main"], ["src/app/main.py"]),
        ("lib/app/x.py", "Python", ["app/main"], ["lib/app/main.py"]),
        ("src/app/main.py", "Python", ["os/path"], []),
        ("web/src/pages/home.tsx", "TSX", ["@/components/button"], ["web/src/components/button.tsx"]),
        ("web/src/pages/home.tsx", "TSX", ["../components/button.js"], ["web/src/components/button.tsx"]),
        ("web/src/app.ts", "TypeScript", ["./pages"], ["web/src/pages/index.ts"]),
        ("x/Y.java", "Java", ["org/a/B"], ["java/src/main/java/org/a/B.java"]),
        ("x/Y.java", "Java", ["org/a/B/method"], ["java/src/main/java/org/a/B.java"]),
        ("java/src/main/java/org/a/C.java", "Java", ["org/a/*"], ["java/src/main/java/org/a/B.java"]),
        ("go/main.go", "Go", ["example.com/go/pkg/store"], ["go/pkg/store/a.go", "go/pkg/store/b.go"]),
        ("go/main.go", "Go", ["pkg/store"], ["go/pkg/store/a.go", "go/pkg/store/b.go"]),
        ("go/main.go", "Go", ["fmt"], []),
        ("rust/src/lib.rs", "Rust", ["shapes/Circle"], ["rust/src/shapes/mod.rs"]),
        ("rust/src/lib.rs", "Rust", ["./shapes"], ["rust/src/shapes/mod.rs"]),
        ("c/main.c", "C", ["./include/head.h"], ["c/include/head.h"]),
        ("c/main.c", "C", ["head.h"], ["c/include/head.h"]),
        ("a.rb", "Ruby", ["thing"], ["lib/thing.rb"]),
        ("a.php", "PHP", ["App/Base/Thing"], ["php/src/Base/Thing.php"]),
    ],
)  # fmt: skip
def test_what_an_import_means(path, language, imports, found):
    assert list(ImportResolver(PATHS).resolve(path, language, imports)) == found
