# Instructions that compilers hardly write.
# says: 1,-7,3.5,hi,nop,-3,12,12,4294967301,1.0,ok,3,z,40,
.class public LOdd;
.super Ljava/lang/Object;

.method public static run(Ljava/lang/StringBuilder;)V
    .registers 300
    move-object/16 v270, p0
    move-object/from16 v0, v270
    const/4 v1, 0x1
    move/16 v280, v1
    move/16 v281, v280
    move/from16 v1, v281
    invoke-static {v0, v1}, LOdd;->say(Ljava/lang/StringBuilder;I)V
    const-wide/16 v2, -0x7
    move-wide/16 v282, v2
    move-wide/16 v284, v282
    move-wide/from16 v2, v284
    invoke-static {v0, v2, v3}, LOdd;->say(Ljava/lang/StringBuilder;J)V
    const/high16 v1, 0x40600000
    move/16 v286, v1
    move/from16 v4, v286
    invoke-static/range {v0 .. v0}, LOdd;->same(Ljava/lang/StringBuilder;)Ljava/lang/StringBuilder;
    move-result-object v5
    invoke-virtual {v5, v4}, Ljava/lang/StringBuilder;->append(F)Ljava/lang/StringBuilder;
    invoke-static {v0}, LOdd;->comma(Ljava/lang/StringBuilder;)V
    const-string/jumbo v5, "hi"
    invoke-static {v0, v5}, LOdd;->say(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    nop
    goto/32 :far
    :back
    const-string v5, "nop"
    invoke-static {v0, v5}, LOdd;->say(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    const/4 v1, 0x2
    not-int v1, v1
    invoke-static {v0, v1}, LOdd;->say(Ljava/lang/StringBuilder;I)V
    # An array of six registers in a row.
    const/4 v6, 0x1
    const/4 v7, 0x2
    const/4 v8, 0x3
    const/4 v9, 0x4
    const/4 v10, 0x5
    const/4 v11, 0x6
    filled-new-array/range {v6 .. v11}, [I
    move-result-object v12
    const/4 v13, 0x5
    aget v14, v12, v13
    add-int/2addr v14, v11
    invoke-static {v0, v14}, LOdd;->say(Ljava/lang/StringBuilder;I)V
    filled-new-array {v14, v14}, [I
    move-result-object v12
    aget v14, v12, v6
    invoke-static {v0, v14}, LOdd;->say(Ljava/lang/StringBuilder;I)V
    const-wide v2, 0x100000005L
    invoke-static {v0, v2, v3}, LOdd;->say(Ljava/lang/StringBuilder;J)V
    # The same constant is a double here and a long there.
    const-wide/high16 v2, 0x3ff0000000000000L
    const-wide/high16 v15, 0x3ff0000000000000L
    cmp-long v4, v2, v15
    if-nez v4, :wrong
    invoke-virtual {v0, v2, v3}, Ljava/lang/StringBuilder;->append(D)Ljava/lang/StringBuilder;
    invoke-static {v0}, LOdd;->comma(Ljava/lang/StringBuilder;)V
    const-string v5, "ok"
    invoke-static {v0, v5}, LOdd;->say(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    # rsub-int of 16 bits, and a result that nobody takes.
    const/16 v1, 0x7d
    rsub-int v1, v1, 0x80
    invoke-static {v0, v1}, LOdd;->say(Ljava/lang/StringBuilder;I)V
    invoke-static {v0}, LOdd;->same(Ljava/lang/StringBuilder;)Ljava/lang/StringBuilder;
    filled-new-array {v1}, [I
    # A class of a primitive type, and an if on references that may be null.
    const-class v5, Z
    invoke-virtual {v5}, Ljava/lang/Class;->getName()Ljava/lang/String;
    move-result-object v5
    const/4 v6, 0x0
    if-eq v5, v6, :wrong
    const/4 v6, 0x1
    invoke-virtual {v5, v6}, Ljava/lang/String;->charAt(I)C
    const-string v5, "z"
    invoke-static {v0, v5}, LOdd;->say(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    const/16 v1, 0x28
    invoke-static {v0, v1}, LOdd;->say(Ljava/lang/StringBuilder;I)V
    return-void
    :wrong
    const-string v5, "wrong"
    invoke-static {v0, v5}, LOdd;->say(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    return-void
    :far
    goto/16 :back
.end method

.method static same(Ljava/lang/StringBuilder;)Ljava/lang/StringBuilder;
    .registers 1
    return-object p0
.end method

.method static comma(Ljava/lang/StringBuilder;)V
    .registers 2
    const/16 v0, 0x2c
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(C)Ljava/lang/StringBuilder;
    return-void
.end method

.method static say(Ljava/lang/StringBuilder;I)V
    .registers 2
    invoke-virtual {p0, p1}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    invoke-static {p0}, LOdd;->comma(Ljava/lang/StringBuilder;)V
    return-void
.end method

.method static say(Ljava/lang/StringBuilder;J)V
    .registers 3
    invoke-virtual {p0, p1, p2}, Ljava/lang/StringBuilder;->append(J)Ljava/lang/StringBuilder;
    invoke-static {p0}, LOdd;->comma(Ljava/lang/StringBuilder;)V
    return-void
.end method

.method static say(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    .registers 2
    invoke-virtual {p0, p1}, Ljava/lang/StringBuilder;->append(Ljava/lang/Object;)Ljava/lang/StringBuilder;
    invoke-static {p0}, LOdd;->comma(Ljava/lang/StringBuilder;)V
    return-void
.end method
