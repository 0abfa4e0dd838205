package dev.pileus.translate.code;

import org.objectweb.asm.Opcodes;

/**
 * The opcodes of DEX versions 035 to 041, how each is encoded, and what it does; {@code jvm} is the JVM
 * instruction that does the same, {@code kinds} the kinds of its operands and result or its variant.
 */
public enum Op {
  NOP(0x00, Format.F10X, Act.NOP),
  MOVE(0x01, Format.F12X, Act.MOVE),
  MOVE_FROM16(0x02, Format.F22X, Act.MOVE),
  MOVE_16(0x03, Format.F32X, Act.MOVE),
  MOVE_WIDE(0x04, Format.F12X, Act.MOVE_WIDE),
  MOVE_WIDE_FROM16(0x05, Format.F22X, Act.MOVE_WIDE),
  MOVE_WIDE_16(0x06, Format.F32X, Act.MOVE_WIDE),
  MOVE_OBJECT(0x07, Format.F12X, Act.MOVE_OBJECT),
  MOVE_OBJECT_FROM16(0x08, Format.F22X, Act.MOVE_OBJECT),
  MOVE_OBJECT_16(0x09, Format.F32X, Act.MOVE_OBJECT),
  MOVE_RESULT(0x0a, Format.F11X, Act.MOVE_RESULT, 0, "I"),
  MOVE_RESULT_WIDE(0x0b, Format.F11X, Act.MOVE_RESULT, 0, "J"),
  MOVE_RESULT_OBJECT(0x0c, Format.F11X, Act.MOVE_RESULT, 0, "A"),
  MOVE_EXCEPTION(0x0d, Format.F11X, Act.MOVE_EXCEPTION),
  RETURN_VOID(0x0e, Format.F10X, Act.RETURN, 0, "V"),
  RETURN(0x0f, Format.F11X, Act.RETURN, 0, "I"),
  RETURN_WIDE(0x10, Format.F11X, Act.RETURN, 0, "J"),
  RETURN_OBJECT(0x11, Format.F11X, Act.RETURN, 0, "A"),
  CONST_4(0x12, Format.F11N, Act.CONST),
  CONST_16(0x13, Format.F21S, Act.CONST),
  CONST(0x14, Format.F31I, Act.CONST),
  CONST_HIGH16(0x15, Format.F21H, Act.CONST),
  CONST_WIDE_16(0x16, Format.F21S, Act.CONST_WIDE),
  CONST_WIDE_32(0x17, Format.F31I, Act.CONST_WIDE),
  CONST_WIDE(0x18, Format.F51L, Act.CONST_WIDE),
  CONST_WIDE_HIGH16(0x19, Format.F21H, Act.CONST_WIDE),
  CONST_STRING(0x1a, Format.F21C, Act.CONST_STRING),
  CONST_STRING_JUMBO(0x1b, Format.F31C, Act.CONST_STRING),
  CONST_CLASS(0x1c, Format.F21C, Act.CONST_CLASS),
  MONITOR_ENTER(0x1d, Format.F11X, Act.MONITOR, Opcodes.MONITORENTER, ""),
  MONITOR_EXIT(0x1e, Format.F11X, Act.MONITOR, Opcodes.MONITOREXIT, ""),
  CHECK_CAST(0x1f, Format.F21C, Act.CHECK_CAST),
  INSTANCE_OF(0x20, Format.F22C, Act.INSTANCE_OF),
  ARRAY_LENGTH(0x21, Format.F12X, Act.ARRAY_LENGTH),
  NEW_INSTANCE(0x22, Format.F21C, Act.NEW_INSTANCE),
  NEW_ARRAY(0x23, Format.F22C, Act.NEW_ARRAY),
  FILLED_NEW_ARRAY(0x24, Format.F35C, Act.FILLED_NEW_ARRAY),
  FILLED_NEW_ARRAY_RANGE(0x25, Format.F3RC, Act.FILLED_NEW_ARRAY),
  FILL_ARRAY_DATA(0x26, Format.F31T, Act.FILL_ARRAY),
  THROW(0x27, Format.F11X, Act.THROW),
  GOTO(0x28, Format.F10T, Act.GOTO),
  GOTO_16(0x29, Format.F20T, Act.GOTO),
  GOTO_32(0x2a, Format.F30T, Act.GOTO),
  PACKED_SWITCH(0x2b, Format.F31T, Act.SWITCH),
  SPARSE_SWITCH(0x2c, Format.F31T, Act.SWITCH),
  CMPL_FLOAT(0x2d, Format.F23X, Act.BINARY, Opcodes.FCMPL, "FFI"),
  CMPG_FLOAT(0x2e, Format.F23X, Act.BINARY, Opcodes.FCMPG, "FFI"),
  CMPL_DOUBLE(0x2f, Format.F23X, Act.BINARY, Opcodes.DCMPL, "DDI"),
  CMPG_DOUBLE(0x30, Format.F23X, Act.BINARY, Opcodes.DCMPG, "DDI"),
  CMP_LONG(0x31, Format.F23X, Act.BINARY, Opcodes.LCMP, "JJI"),
  IF_EQ(0x32, Format.F22T, Act.IF, Opcodes.IF_ICMPEQ, ""),
  IF_NE(0x33, Format.F22T, Act.IF, Opcodes.IF_ICMPNE, ""),
  IF_LT(0x34, Format.F22T, Act.IF, Opcodes.IF_ICMPLT, ""),
  IF_GE(0x35, Format.F22T, Act.IF, Opcodes.IF_ICMPGE, ""),
  IF_GT(0x36, Format.F22T, Act.IF, Opcodes.IF_ICMPGT, ""),
  IF_LE(0x37, Format.F22T, Act.IF, Opcodes.IF_ICMPLE, ""),
  IF_EQZ(0x38, Format.F21T, Act.IF_ZERO, Opcodes.IFEQ, ""),
  IF_NEZ(0x39, Format.F21T, Act.IF_ZERO, Opcodes.IFNE, ""),
  IF_LTZ(0x3a, Format.F21T, Act.IF_ZERO, Opcodes.IFLT, ""),
  IF_GEZ(0x3b, Format.F21T, Act.IF_ZERO, Opcodes.IFGE, ""),
  IF_GTZ(0x3c, Format.F21T, Act.IF_ZERO, Opcodes.IFGT, ""),
  IF_LEZ(0x3d, Format.F21T, Act.IF_ZERO, Opcodes.IFLE, ""),
  AGET(0x44, Format.F23X, Act.AGET, 0, "I"),
  AGET_WIDE(0x45, Format.F23X, Act.AGET, 0, "J"),
  AGET_OBJECT(0x46, Format.F23X, Act.AGET, 0, "A"),
  AGET_BOOLEAN(0x47, Format.F23X, Act.AGET, 0, "Z"),
  AGET_BYTE(0x48, Format.F23X, Act.AGET, 0, "B"),
  AGET_CHAR(0x49, Format.F23X, Act.AGET, 0, "C"),
  AGET_SHORT(0x4a, Format.F23X, Act.AGET, 0, "S"),
  APUT(0x4b, Format.F23X, Act.APUT, 0, "I"),
  APUT_WIDE(0x4c, Format.F23X, Act.APUT, 0, "J"),
  APUT_OBJECT(0x4d, Format.F23X, Act.APUT, 0, "A"),
  APUT_BOOLEAN(0x4e, Format.F23X, Act.APUT, 0, "Z"),
  APUT_BYTE(0x4f, Format.F23X, Act.APUT, 0, "B"),
  APUT_CHAR(0x50, Format.F23X, Act.APUT, 0, "C"),
  APUT_SHORT(0x51, Format.F23X, Act.APUT, 0, "S"),
  IGET(0x52, Format.F22C, Act.IGET, 0, "I"),
  IGET_WIDE(0x53, Format.F22C, Act.IGET, 0, "J"),
  IGET_OBJECT(0x54, Format.F22C, Act.IGET, 0, "A"),
  IGET_BOOLEAN(0x55, Format.F22C, Act.IGET, 0, "Z"),
  IGET_BYTE(0x56, Format.F22C, Act.IGET, 0, "B"),
  IGET_CHAR(0x57, Format.F22C, Act.IGET, 0, "C"),
  IGET_SHORT(0x58, Format.F22C, Act.IGET, 0, "S"),
  IPUT(0x59, Format.F22C, Act.IPUT, 0, "I"),
  IPUT_WIDE(0x5a, Format.F22C, Act.IPUT, 0, "J"),
  IPUT_OBJECT(0x5b, Format.F22C, Act.IPUT, 0, "A"),
  IPUT_BOOLEAN(0x5c, Format.F22C, Act.IPUT, 0, "Z"),
  IPUT_BYTE(0x5d, Format.F22C, Act.IPUT, 0, "B"),
  IPUT_CHAR(0x5e, Format.F22C, Act.IPUT, 0, "C"),
  IPUT_SHORT(0x5f, Format.F22C, Act.IPUT, 0, "S"),
  SGET(0x60, Format.F21C, Act.SGET, 0, "I"),
  SGET_WIDE(0x61, Format.F21C, Act.SGET, 0, "J"),
  SGET_OBJECT(0x62, Format.F21C, Act.SGET, 0, "A"),
  SGET_BOOLEAN(0x63, Format.F21C, Act.SGET, 0, "Z"),
  SGET_BYTE(0x64, Format.F21C, Act.SGET, 0, "B"),
  SGET_CHAR(0x65, Format.F21C, Act.SGET, 0, "C"),
  SGET_SHORT(0x66, Format.F21C, Act.SGET, 0, "S"),
  SPUT(0x67, Format.F21C, Act.SPUT, 0, "I"),
  SPUT_WIDE(0x68, Format.F21C, Act.SPUT, 0, "J"),
  SPUT_OBJECT(0x69, Format.F21C, Act.SPUT, 0, "A"),
  SPUT_BOOLEAN(0x6a, Format.F21C, Act.SPUT, 0, "Z"),
  SPUT_BYTE(0x6b, Format.F21C, Act.SPUT, 0, "B"),
  SPUT_CHAR(0x6c, Format.F21C, Act.SPUT, 0, "C"),
  SPUT_SHORT(0x6d, Format.F21C, Act.SPUT, 0, "S"),
  INVOKE_VIRTUAL(0x6e, Format.F35C, Act.INVOKE, Opcodes.INVOKEVIRTUAL, "VI"),
  INVOKE_SUPER(0x6f, Format.F35C, Act.INVOKE, Opcodes.INVOKESPECIAL, "SU"),
  INVOKE_DIRECT(0x70, Format.F35C, Act.INVOKE, Opcodes.INVOKESPECIAL, "DI"),
  INVOKE_STATIC(0x71, Format.F35C, Act.INVOKE, Opcodes.INVOKESTATIC, "ST"),
  INVOKE_INTERFACE(0x72, Format.F35C, Act.INVOKE, Opcodes.INVOKEINTERFACE, "IN"),
  INVOKE_VIRTUAL_RANGE(0x74, Format.F3RC, Act.INVOKE, Opcodes.INVOKEVIRTUAL, "VI"),
  INVOKE_SUPER_RANGE(0x75, Format.F3RC, Act.INVOKE, Opcodes.INVOKESPECIAL, "SU"),
  INVOKE_DIRECT_RANGE(0x76, Format.F3RC, Act.INVOKE, Opcodes.INVOKESPECIAL, "DI"),
  INVOKE_STATIC_RANGE(0x77, Format.F3RC, Act.INVOKE, Opcodes.INVOKESTATIC, "ST"),
  INVOKE_INTERFACE_RANGE(0x78, Format.F3RC, Act.INVOKE, Opcodes.INVOKEINTERFACE, "IN"),
  NEG_INT(0x7b, Format.F12X, Act.UNARY, Opcodes.INEG, "II"),
  NOT_INT(0x7c, Format.F12X, Act.UNARY, Opcodes.IXOR, "II"),
  NEG_LONG(0x7d, Format.F12X, Act.UNARY, Opcodes.LNEG, "JJ"),
  NOT_LONG(0x7e, Format.F12X, Act.UNARY, Opcodes.LXOR, "JJ"),
  NEG_FLOAT(0x7f, Format.F12X, Act.UNARY, Opcodes.FNEG, "FF"),
  NEG_DOUBLE(0x80, Format.F12X, Act.UNARY, Opcodes.DNEG, "DD"),
  INT_TO_LONG(0x81, Format.F12X, Act.UNARY, Opcodes.I2L, "IJ"),
  INT_TO_FLOAT(0x82, Format.F12X, Act.UNARY, Opcodes.I2F, "IF"),
  INT_TO_DOUBLE(0x83, Format.F12X, Act.UNARY, Opcodes.I2D, "ID"),
  LONG_TO_INT(0x84, Format.F12X, Act.UNARY, Opcodes.L2I, "JI"),
  LONG_TO_FLOAT(0x85, Format.F12X, Act.UNARY, Opcodes.L2F, "JF"),
  LONG_TO_DOUBLE(0x86, Format.F12X, Act.UNARY, Opcodes.L2D, "JD"),
  FLOAT_TO_INT(0x87, Format.F12X, Act.UNARY, Opcodes.F2I, "FI"),
  FLOAT_TO_LONG(0x88, Format.F12X, Act.UNARY, Opcodes.F2L, "FJ"),
  FLOAT_TO_DOUBLE(0x89, Format.F12X, Act.UNARY, Opcodes.F2D, "FD"),
  DOUBLE_TO_INT(0x8a, Format.F12X, Act.UNARY, Opcodes.D2I, "DI"),
  DOUBLE_TO_LONG(0x8b, Format.F12X, Act.UNARY, Opcodes.D2L, "DJ"),
  DOUBLE_TO_FLOAT(0x8c, Format.F12X, Act.UNARY, Opcodes.D2F, "DF"),
  INT_TO_BYTE(0x8d, Format.F12X, Act.UNARY, Opcodes.I2B, "II"),
  INT_TO_CHAR(0x8e, Format.F12X, Act.UNARY, Opcodes.I2C, "II"),
  INT_TO_SHORT(0x8f, Format.F12X, Act.UNARY, Opcodes.I2S, "II"),
  ADD_INT(0x90, Format.F23X, Act.BINARY, Opcodes.IADD, "III"),
  SUB_INT(0x91, Format.F23X, Act.BINARY, Opcodes.ISUB, "III"),
  MUL_INT(0x92, Format.F23X, Act.BINARY, Opcodes.IMUL, "III"),
  DIV_INT(0x93, Format.F23X, Act.BINARY, Opcodes.IDIV, "III"),
  REM_INT(0x94, Format.F23X, Act.BINARY, Opcodes.IREM, "III"),
  AND_INT(0x95, Format.F23X, Act.BINARY, Opcodes.IAND, "III"),
  OR_INT(0x96, Format.F23X, Act.BINARY, Opcodes.IOR, "III"),
  XOR_INT(0x97, Format.F23X, Act.BINARY, Opcodes.IXOR, "III"),
  SHL_INT(0x98, Format.F23X, Act.BINARY, Opcodes.ISHL, "III"),
  SHR_INT(0x99, Format.F23X, Act.BINARY, Opcodes.ISHR, "III"),
  USHR_INT(0x9a, Format.F23X, Act.BINARY, Opcodes.IUSHR, "III"),
  ADD_LONG(0x9b, Format.F23X, Act.BINARY, Opcodes.LADD, "JJJ"),
  SUB_LONG(0x9c, Format.F23X, Act.BINARY, Opcodes.LSUB, "JJJ"),
  MUL_LONG(0x9d, Format.F23X, Act.BINARY, Opcodes.LMUL, "JJJ"),
  DIV_LONG(0x9e, Format.F23X, Act.BINARY, Opcodes.LDIV, "JJJ"),
  REM_LONG(0x9f, Format.F23X, Act.BINARY, Opcodes.LREM, "JJJ"),
  AND_LONG(0xa0, Format.F23X, Act.BINARY, Opcodes.LAND, "JJJ"),
  OR_LONG(0xa1, Format.F23X, Act.BINARY, Opcodes.LOR, "JJJ"),
  XOR_LONG(0xa2, Format.F23X, Act.BINARY, Opcodes.LXOR, "JJJ"),
  SHL_LONG(0xa3, Format.F23X, Act.BINARY, Opcodes.LSHL, "JIJ"),
  SHR_LONG(0xa4, Format.F23X, Act.BINARY, Opcodes.LSHR, "JIJ"),
  USHR_LONG(0xa5, Format.F23X, Act.BINARY, Opcodes.LUSHR, "JIJ"),
  ADD_FLOAT(0xa6, Format.F23X, Act.BINARY, Opcodes.FADD, "FFF"),
  SUB_FLOAT(0xa7, Format.F23X, Act.BINARY, Opcodes.FSUB, "FFF"),
  MUL_FLOAT(0xa8, Format.F23X, Act.BINARY, Opcodes.FMUL, "FFF"),
  DIV_FLOAT(0xa9, Format.F23X, Act.BINARY, Opcodes.FDIV, "FFF"),
  REM_FLOAT(0xaa, Format.F23X, Act.BINARY, Opcodes.FREM, "FFF"),
  ADD_DOUBLE(0xab, Format.F23X, Act.BINARY, Opcodes.DADD, "DDD"),
  SUB_DOUBLE(0xac, Format.F23X, Act.BINARY, Opcodes.DSUB, "DDD"),
  MUL_DOUBLE(0xad, Format.F23X, Act.BINARY, Opcodes.DMUL, "DDD"),
  DIV_DOUBLE(0xae, Format.F23X, Act.BINARY, Opcodes.DDIV, "DDD"),
  REM_DOUBLE(0xaf, Format.F23X, Act.BINARY, Opcodes.DREM, "DDD"),
  ADD_INT_2ADDR(0xb0, Format.F12X, Act.BINARY, Opcodes.IADD, "III"),
  SUB_INT_2ADDR(0xb1, Format.F12X, Act.BINARY, Opcodes.ISUB, "III"),
  MUL_INT_2ADDR(0xb2, Format.F12X, Act.BINARY, Opcodes.IMUL, "III"),
  DIV_INT_2ADDR(0xb3, Format.F12X, Act.BINARY, Opcodes.IDIV, "III"),
  REM_INT_2ADDR(0xb4, Format.F12X, Act.BINARY, Opcodes.IREM, "III"),
  AND_INT_2ADDR(0xb5, Format.F12X, Act.BINARY, Opcodes.IAND, "III"),
  OR_INT_2ADDR(0xb6, Format.F12X, Act.BINARY, Opcodes.IOR, "III"),
  XOR_INT_2ADDR(0xb7, Format.F12X, Act.BINARY, Opcodes.IXOR, "III"),
  SHL_INT_2ADDR(0xb8, Format.F12X, Act.BINARY, Opcodes.ISHL, "III"),
  SHR_INT_2ADDR(0xb9, Format.F12X, Act.BINARY, Opcodes.ISHR, "III"),
  USHR_INT_2ADDR(0xba, Format.F12X, Act.BINARY, Opcodes.IUSHR, "III"),
  ADD_LONG_2ADDR(0xbb, Format.F12X, Act.BINARY, Opcodes.LADD, "JJJ"),
  SUB_LONG_2ADDR(0xbc, Format.F12X, Act.BINARY, Opcodes.LSUB, "JJJ"),
  MUL_LONG_2ADDR(0xbd, Format.F12X, Act.BINARY, Opcodes.LMUL, "JJJ"),
  DIV_LONG_2ADDR(0xbe, Format.F12X, Act.BINARY, Opcodes.LDIV, "JJJ"),
  REM_LONG_2ADDR(0xbf, Format.F12X, Act.BINARY, Opcodes.LREM, "JJJ"),
  AND_LONG_2ADDR(0xc0, Format.F12X, Act.BINARY, Opcodes.LAND, "JJJ"),
  OR_LONG_2ADDR(0xc1, Format.F12X, Act.BINARY, Opcodes.LOR, "JJJ"),
  XOR_LONG_2ADDR(0xc2, Format.F12X, Act.BINARY, Opcodes.LXOR, "JJJ"),
  SHL_LONG_2ADDR(0xc3, Format.F12X, Act.BINARY, Opcodes.LSHL, "JIJ"),
  SHR_LONG_2ADDR(0xc4, Format.F12X, Act.BINARY, Opcodes.LSHR, "JIJ"),
  USHR_LONG_2ADDR(0xc5, Format.F12X, Act.BINARY, Opcodes.LUSHR, "JIJ"),
  ADD_FLOAT_2ADDR(0xc6, Format.F12X, Act.BINARY, Opcodes.FADD, "FFF"),
  SUB_FLOAT_2ADDR(0xc7, Format.F12X, Act.BINARY, Opcodes.FSUB, "FFF"),
  MUL_FLOAT_2ADDR(0xc8, Format.F12X, Act.BINARY, Opcodes.FMUL, "FFF"),
  DIV_FLOAT_2ADDR(0xc9, Format.F12X, Act.BINARY, Opcodes.FDIV, "FFF"),
  REM_FLOAT_2ADDR(0xca, Format.F12X, Act.BINARY, Opcodes.FREM, "FFF"),
  ADD_DOUBLE_2ADDR(0xcb, Format.F12X, Act.BINARY, Opcodes.DADD, "DDD"),
  SUB_DOUBLE_2ADDR(0xcc, Format.F12X, Act.BINARY, Opcodes.DSUB, "DDD"),
  MUL_DOUBLE_2ADDR(0xcd, Format.F12X, Act.BINARY, Opcodes.DMUL, "DDD"),
  DIV_DOUBLE_2ADDR(0xce, Format.F12X, Act.BINARY, Opcodes.DDIV, "DDD"),
  REM_DOUBLE_2ADDR(0xcf, Format.F12X, Act.BINARY, Opcodes.DREM, "DDD"),
  ADD_INT_LIT16(0xd0, Format.F22S, Act.LITERAL, Opcodes.IADD, "II"),
  RSUB_INT(0xd1, Format.F22S, Act.LITERAL, Opcodes.ISUB, "R"),
  MUL_INT_LIT16(0xd2, Format.F22S, Act.LITERAL, Opcodes.IMUL, "II"),
  DIV_INT_LIT16(0xd3, Format.F22S, Act.LITERAL, Opcodes.IDIV, "II"),
  REM_INT_LIT16(0xd4, Format.F22S, Act.LITERAL, Opcodes.IREM, "II"),
  AND_INT_LIT16(0xd5, Format.F22S, Act.LITERAL, Opcodes.IAND, "II"),
  OR_INT_LIT16(0xd6, Format.F22S, Act.LITERAL, Opcodes.IOR, "II"),
  XOR_INT_LIT16(0xd7, Format.F22S, Act.LITERAL, Opcodes.IXOR, "II"),
  ADD_INT_LIT8(0xd8, Format.F22B, Act.LITERAL, Opcodes.IADD, "II"),
  RSUB_INT_LIT8(0xd9, Format.F22B, Act.LITERAL, Opcodes.ISUB, "R"),
  MUL_INT_LIT8(0xda, Format.F22B, Act.LITERAL, Opcodes.IMUL, "II"),
  DIV_INT_LIT8(0xdb, Format.F22B, Act.LITERAL, Opcodes.IDIV, "II"),
  REM_INT_LIT8(0xdc, Format.F22B, Act.LITERAL, Opcodes.IREM, "II"),
  AND_INT_LIT8(0xdd, Format.F22B, Act.LITERAL, Opcodes.IAND, "II"),
  OR_INT_LIT8(0xde, Format.F22B, Act.LITERAL, Opcodes.IOR, "II"),
  XOR_INT_LIT8(0xdf, Format.F22B, Act.LITERAL, Opcodes.IXOR, "II"),
  SHL_INT_LIT8(0xe0, Format.F22B, Act.LITERAL, Opcodes.ISHL, "II"),
  SHR_INT_LIT8(0xe1, Format.F22B, Act.LITERAL, Opcodes.ISHR, "II"),
  USHR_INT_LIT8(0xe2, Format.F22B, Act.LITERAL, Opcodes.IUSHR, "II"),
  INVOKE_POLYMORPHIC(0xfa, Format.F45CC, Act.INVOKE_POLYMORPHIC),
  INVOKE_POLYMORPHIC_RANGE(0xfb, Format.F4RCC, Act.INVOKE_POLYMORPHIC),
  INVOKE_CUSTOM(0xfc, Format.F35C, Act.INVOKE_CUSTOM),
  INVOKE_CUSTOM_RANGE(0xfd, Format.F3RC, Act.INVOKE_CUSTOM),
  CONST_METHOD_HANDLE(0xfe, Format.F21C, Act.CONST_HANDLE),
  CONST_METHOD_TYPE(0xff, Format.F21C, Act.CONST_TYPE);

  /** How an instruction lays its operands out in 16-bit units; the number is that of the units. */
  enum Format {
    F10X(1), F12X(1), F11N(1), F11X(1), F10T(1), F20T(2), F22X(2), F21T(2), F21S(2), F21H(2), F21C(2),
    F23X(2), F22B(2), F22T(2), F22S(2), F22C(2), F30T(3), F32X(3), F31I(3), F31T(3), F31C(3), F35C(3),
    F3RC(3), F45CC(4), F4RCC(4), F51L(5);

    final int units;

    Format(int units) {
      this.units = units;
    }
  }

  /** What an instruction does, whatever its width or encoding. */
  enum Act {
    NOP, MOVE, MOVE_WIDE, MOVE_OBJECT, MOVE_RESULT, MOVE_EXCEPTION, RETURN, CONST, CONST_WIDE, CONST_STRING,
    CONST_CLASS, CONST_HANDLE, CONST_TYPE, MONITOR, CHECK_CAST, INSTANCE_OF, ARRAY_LENGTH, NEW_INSTANCE,
    NEW_ARRAY, FILLED_NEW_ARRAY, FILL_ARRAY, THROW, GOTO, SWITCH, IF, IF_ZERO, AGET, APUT, IGET, IPUT, SGET,
    SPUT, INVOKE, INVOKE_POLYMORPHIC, INVOKE_CUSTOM, UNARY, BINARY, LITERAL
  }

  private static final Op[] BY_CODE = new Op[256];

  static {
    for (Op op : values()) {
      BY_CODE[op.code] = op;
    }
  }

  final int code;
  final Format format;
  final Act act;
  final int jvm;
  final String kinds;

  Op(int code, Format format, Act act) {
    this(code, format, act, 0, "");
  }

  Op(int code, Format format, Act act, int jvm, String kinds) {
    this.code = code;
    this.format = format;
    this.act = act;
    this.jvm = jvm;
    this.kinds = kinds;
  }

  /** Null for a number that no instruction has. */
  static Op of(int code) {
    return BY_CODE[code];
  }

  /** What {@code aget} and its like move: I for int and float, J for long and double, else the type. */
  char element() {
    return kinds.charAt(0);
  }

  /** Whether an instruction may throw, so that its handlers see the registers as they were before it. */
  boolean mayThrow() {
    return switch (act) {
      case CONST_STRING, CONST_CLASS, CONST_HANDLE, CONST_TYPE, MONITOR, CHECK_CAST, INSTANCE_OF, ARRAY_LENGTH,
          NEW_INSTANCE, NEW_ARRAY, FILLED_NEW_ARRAY, FILL_ARRAY, THROW, AGET, APUT, IGET, IPUT, SGET, SPUT,
          INVOKE, INVOKE_POLYMORPHIC, INVOKE_CUSTOM -> true;
      case BINARY, LITERAL -> jvm == Opcodes.IDIV || jvm == Opcodes.IREM || jvm == Opcodes.LDIV || jvm == Opcodes.LREM;
      default -> false;
    };
  }

  /** Whether the next instruction may follow. */
  boolean goesOn() {
    return act != Act.RETURN && act != Act.THROW && act != Act.GOTO;
  }
}
