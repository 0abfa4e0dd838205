# Calls whose registers stand in a row, and what is shifted in place.
# says: base 7;sub base 7;base 7;-1 2147483647 -8;8 ;
.class public LRows;
.super LRowsBase;
.implements LRowsFace;

.method public constructor <init>(J)V
    .registers 3
    invoke-direct/range {p0 .. p2}, LRowsBase;-><init>(J)V
    return-void
.end method

.method public name(I)Ljava/lang/String;
    .registers 5
    invoke-super/range {p0 .. p1}, LRowsBase;->name(I)Ljava/lang/String;
    move-result-object v0
    const-string v1, "sub "
    invoke-virtual {v1, v0}, Ljava/lang/String;->concat(Ljava/lang/String;)Ljava/lang/String;
    move-result-object v0
    return-object v0
.end method

.method public static run(Ljava/lang/StringBuilder;)V
    .registers 12
    const-wide/16 v2, 0x5
    new-instance v1, LRowsBase;
    invoke-direct/range {v1 .. v3}, LRowsBase;-><init>(J)V
    const/4 v2, 0x2
    invoke-virtual/range {v1 .. v2}, LRowsBase;->name(I)Ljava/lang/String;
    move-result-object v5
    invoke-static/range {p0 .. p0}, LRows;->same(Ljava/lang/StringBuilder;)Ljava/lang/StringBuilder;
    move-result-object v4
    invoke-static/range {v4 .. v5}, LRows;->put(Ljava/lang/StringBuilder;Ljava/lang/String;)V
    const-wide/16 v2, 0x5
    new-instance v1, LRows;
    invoke-direct/range {v1 .. v3}, LRows;-><init>(J)V
    const/4 v2, 0x2
    invoke-interface/range {v1 .. v2}, LRowsFace;->name(I)Ljava/lang/String;
    move-result-object v5
    invoke-static/range {v4 .. v5}, LRows;->put(Ljava/lang/StringBuilder;Ljava/lang/String;)V
    const-wide/16 v2, 0x6
    new-instance v1, LRowsBase;
    invoke-direct/range {v1 .. v3}, LRowsBase;-><init>(J)V
    const/4 v2, 0x1
    invoke-virtual/range {v1 .. v2}, LRowsBase;->name(I)Ljava/lang/String;
    move-result-object v5
    invoke-static/range {v4 .. v5}, LRows;->put(Ljava/lang/StringBuilder;Ljava/lang/String;)V
    const/4 v0, -0x1
    const/4 v1, 0x1
    shr-int/2addr v0, v1
    invoke-virtual {v4, v0}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    const-string v2, " "
    invoke-virtual {v4, v2}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    ushr-int/2addr v0, v1
    invoke-virtual {v4, v0}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    invoke-virtual {v4, v2}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    const/4 v0, -0x1
    const/4 v1, 0x3
    shl-int/2addr v0, v1
    invoke-virtual {v4, v0}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    const-string v5, ";"
    invoke-virtual {v4, v5}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    # 12 & 10 = 8, | 1 = 9, ^ 3 = 10, + 7 - 1 = 16, * 6 = 96, / 4 = 24, % 16 = 8
    const/16 v0, 0xc
    const/16 v1, 0xa
    and-int/2addr v0, v1
    const/4 v1, 0x1
    or-int/2addr v0, v1
    const/4 v1, 0x3
    xor-int/2addr v0, v1
    const/4 v1, 0x7
    add-int/2addr v0, v1
    const/4 v1, 0x1
    sub-int/2addr v0, v1
    const/4 v1, 0x6
    mul-int/2addr v0, v1
    const/4 v1, 0x4
    div-int/2addr v0, v1
    const/16 v1, 0x10
    rem-int/2addr v0, v1
    invoke-virtual {v4, v0}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    const-string v5, " "
    invoke-static {v4, v5}, LRows;->put(Ljava/lang/StringBuilder;Ljava/lang/String;)V
    return-void
.end method

.method static same(Ljava/lang/StringBuilder;)Ljava/lang/StringBuilder;
    .registers 1
    return-object p0
.end method

.method static put(Ljava/lang/StringBuilder;Ljava/lang/String;)V
    .registers 3
    invoke-virtual {p0, p1}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    const-string v0, ";"
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    return-void
.end method
